/* Workers take points from a bitmap, simulate, and hand results over a short queue to the caller's
 * thread, the only one that touches the store. Memory: one bit a point and the queue, whatever the
 * number of points. What is committed is complete, so that a kill costs the points under way alone. */
#include "sweep/run.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/rng.h"
#include "report/simulate.h"

enum { QUEUE_LENGTH = 32 };
static const long COMMIT_NS = 250000000;

struct result {
  struct sa_point point;
  struct sa_simulation simulation; /* empty if the point is illegal */
  struct sa_search search;         /* empty unless the mapping is searched */
  bool simulated;
};

struct crew {
  const struct sa_sweep *sweep;
  unsigned char *todo; /* a bit a point */
  pthread_mutex_t lock;
  pthread_cond_t pushed, popped;
  uint64_t next;                        /* first point not looked at */
  struct result *queue[QUEUE_LENGTH];   /* owned */
  size_t queued;
  unsigned working;                     /* workers that have not ended */
  bool stop;
  enum sa_status status;                /* of the first worker that failed */
  struct sa_error error;
};

/* ---- Workers ---- */

static bool take_number(struct crew *crew, uint64_t *number) {
  pthread_mutex_lock(&crew->lock);
  while (crew->next < crew->sweep->point_count && !(crew->todo[crew->next / 8] >> crew->next % 8 & 1))
    crew->next++;
  const bool taken = !crew->stop && crew->next < crew->sweep->point_count;
  if (taken) *number = crew->next++;
  pthread_mutex_unlock(&crew->lock);
  return taken;
}

static void free_result(struct result *result) {
  sa_simulation_release(&result->simulation);
  sa_search_release(&result->search);
  free(result);
}

static enum sa_status simulate(struct result *result) {
  struct sa_point *point = &result->point;
  const struct sa_net *net = &point->network->net;
  const struct sa_search_options search = {.jobs = 1, .limit = point->mapper.limit};
  enum sa_status status = SA_OK;
  if (point->mapper.search)
    status = sa_search_mapping(&point->config, net, NULL, &search, &result->search, &point->reason);
  const struct sa_map_options map = {.overrides = result->search.overrides,
                                     .override_count = result->search.override_count};
  return status ? status
                : sa_simulate(&point->config, net, &map, NULL, &result->simulation, &point->reason);
}

/* Null if out of memory. */
static struct result *work(const struct sa_sweep *sweep, uint64_t number) {
  struct result *result = calloc(1, sizeof *result);
  if (!result) return NULL;
  sa_simulation_init(&result->simulation);
  sa_search_init(&result->search);
  sa_sweep_point(sweep, number, &result->point);
  if (result->point.kind != SA_POINT_LEGAL) return result;
  const enum sa_status status = simulate(result);
  result->simulated = !status;
  /* the report is all that is stored; mapping and program are large */
  sa_mapping_release(&result->simulation.mapping);
  if (status != SA_ERR_MEMORY) return result;
  free_result(result);
  return NULL;
}

static void push(struct crew *crew, struct result *result) {
  pthread_mutex_lock(&crew->lock);
  while (crew->queued == QUEUE_LENGTH) pthread_cond_wait(&crew->popped, &crew->lock);
  crew->queue[crew->queued++] = result;
  pthread_cond_signal(&crew->pushed);
  pthread_mutex_unlock(&crew->lock);
}

static void *worker(void *user) {
  struct crew *crew = user;
  uint64_t number;
  bool failed = false;
  while (!failed && take_number(crew, &number)) {
    struct result *result = work(crew->sweep, number);
    failed = !result;
    if (result) push(crew, result);
  }
  pthread_mutex_lock(&crew->lock);
  if (failed) {
    crew->stop = true;
    crew->status = sa_fail(&crew->error, SA_ERR_MEMORY, "out of memory");
  }
  crew->working--;
  pthread_cond_signal(&crew->pushed);
  pthread_mutex_unlock(&crew->lock);
  return NULL;
}

/* ---- The caller's thread ---- */

/* What came in until the time to commit, at most one queue; *ended: nothing more will come. */
static size_t collect(struct crew *crew, struct result *results[QUEUE_LENGTH], bool *ended) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += COMMIT_NS;
  if (until.tv_nsec >= 1000000000) {
    until.tv_nsec -= 1000000000;
    until.tv_sec++;
  }
  pthread_mutex_lock(&crew->lock);
  while (crew->working && crew->queued < QUEUE_LENGTH)
    if (pthread_cond_timedwait(&crew->pushed, &crew->lock, &until) == ETIMEDOUT) break;
  const size_t count = crew->queued;
  memcpy(results, crew->queue, count * sizeof *results);
  crew->queued = 0;
  *ended = crew->working == 0;
  pthread_cond_broadcast(&crew->popped);
  pthread_mutex_unlock(&crew->lock);
  return count;
}

static enum sa_status store_all(struct sa_store *store, struct result *const *results, size_t count,
                                struct sa_sweep_summary *summary, struct sa_error *error) {
  if (count == 0) return SA_OK;
  enum sa_status status = sa_store_begin(store, error);
  for (size_t i = 0; i < count && !status; i++) {
    const struct result *result = results[i];
    const enum sa_status why = result->point.reason.status;
    status = sa_store_put(store, &result->point, result->simulated ? &result->simulation.report : NULL,
                          result->point.mapper.search ? &result->search : NULL, error);
    if (result->simulated)
      summary->done++;
    else if (why == SA_ERR_ILLEGAL || why == SA_ERR_STUCK)
      summary->failed++;
    else
      summary->illegal++;
  }
  return status ? status : sa_store_commit(store, error);
}

static void stop(struct crew *crew) {
  pthread_mutex_lock(&crew->lock);
  crew->stop = true;
  pthread_mutex_unlock(&crew->lock);
}

static enum sa_status drain(struct crew *crew, const struct sa_sweep_options *options, struct sa_store *store,
                            struct sa_sweep_summary *summary, struct sa_error *error) {
  const uint64_t todo = summary->points - summary->present;
  enum sa_status status = SA_OK;
  for (bool ended = false; !ended;) {
    struct result *results[QUEUE_LENGTH];
    const size_t count = collect(crew, results, &ended);
    if (!status) {
      status = store_all(store, results, count, summary, error);
      if (status) stop(crew);
    }
    for (size_t i = 0; i < count; i++) free_result(results[i]);
    const uint64_t done = summary->done + summary->illegal + summary->failed;
    if (!summary->stopped && options->on_progress && options->on_progress(options->user, done, todo)) {
      summary->stopped = true;
      stop(crew);
    }
  }
  summary->stopped = summary->stopped && summary->done + summary->illegal + summary->failed < todo;
  return status;
}

static enum sa_status run_crew(struct crew *crew, const struct sa_sweep_options *options,
                               struct sa_store *store, struct sa_sweep_summary *summary,
                               struct sa_error *error) {
  pthread_t *threads = calloc(options->jobs, sizeof *threads);
  if (!threads) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  unsigned started = 0;
  pthread_mutex_lock(&crew->lock);
  while (started < options->jobs && pthread_create(&threads[started], NULL, worker, crew) == 0) started++;
  crew->working = started;
  pthread_mutex_unlock(&crew->lock);
  enum sa_status status = SA_OK;
  if (started == 0)
    status = sa_fail(error, SA_ERR_IO, "no worker could be started");
  else
    status = drain(crew, options, store, summary, error);
  for (unsigned i = 0; i < started; i++) pthread_join(threads[i], NULL);
  free(threads);
  if (!status && crew->status) {
    *error = crew->error;
    status = crew->status;
  }
  return status;
}

enum sa_status sa_sweep_check(const struct sa_sweep *sweep, struct sa_error *error) {
  struct sa_point point;
  for (uint64_t number = 0; number < sweep->point_count; number++) {
    sa_sweep_point(sweep, number, &point);
    if (point.kind != SA_POINT_EXCLUDED) return SA_OK;
  }
  const struct sa_sweep_rule *rule = &sweep->constraints[point.excluded_by];
  sa_fail(error, SA_ERR_INPUT, "the constraints exclude every point (the last one by: %s)", rule->text);
  return rule->file[0] ? sa_error_locate(error, SA_ERR_INPUT, rule->file, rule->line, rule->column)
                       : SA_ERR_INPUT;
}

/* Counts the points and marks those to be run; todo may be null. */
static enum sa_status plan(const struct sa_sweep *sweep, const struct sa_sweep_options *options,
                           struct sa_store *store, unsigned char *todo, struct sa_sweep_summary *summary,
                           struct sa_error *error) {
  for (uint64_t number = 0; number < sweep->point_count; number++) {
    struct sa_point point;
    sa_sweep_point(sweep, number, &point);
    if (point.kind == SA_POINT_EXCLUDED) {
      summary->excluded++;
      continue;
    }
    /* by content, so that a point stays in its shard when the sweep grows */
    if (options->shards > 1 && sa_rng_mix(point.id) % options->shards != options->shard - 1) continue;
    summary->points++;
    bool has;
    enum sa_status status = sa_store_has(store, point.id, &has, error);
    if (!status && !has && options->known) status = sa_store_has(options->known, point.id, &has, error);
    if (status) return status;
    summary->present += has;
    if (!has && todo) todo[number / 8] = (unsigned char)(todo[number / 8] | 1u << number % 8);
  }
  return SA_OK;
}

enum sa_status sa_sweep_count(const struct sa_sweep *sweep, struct sa_store *store,
                              struct sa_sweep_summary *summary, struct sa_error *error) {
  const struct sa_sweep_options all = {.jobs = 1};
  *summary = (struct sa_sweep_summary){0};
  return plan(sweep, &all, store, NULL, summary, error);
}

enum sa_status sa_sweep_run(const struct sa_sweep *sweep, const struct sa_sweep_options *options,
                            struct sa_store *store, struct sa_sweep_summary *summary,
                            struct sa_error *error) {
  *summary = (struct sa_sweep_summary){0};
  struct crew crew = {.sweep = sweep,
                      .lock = PTHREAD_MUTEX_INITIALIZER,
                      .pushed = PTHREAD_COND_INITIALIZER,
                      .popped = PTHREAD_COND_INITIALIZER};
  crew.todo = calloc(sweep->point_count / 8 + 1, 1);
  if (!crew.todo) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  enum sa_status status = sa_store_count_others(store, &summary->others, error);
  if (!status) status = plan(sweep, options, store, crew.todo, summary, error);
  if (!status && summary->present < summary->points)
    status = run_crew(&crew, options, store, summary, error);
  free(crew.todo);
  return status;
}
