/* Coordinate descent over the mapper's candidates, one layer's choice at a time: first for layers of equal
 * shape together (the blocks of a network repeat), then for each alone, those farthest from their bound
 * first, until a round brings nothing or the limit of simulations is reached. Every candidate is simulated
 * as part of the whole network, since a layer's tiles decide what its neighbours overlap with. */
#include "report/search.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "map/bounds.h"

/* A layer that can be mapped otherwise. */
struct place {
  uint32_t layer, candidates;
  uint32_t group;   /* lowest layer of equal shape */
  uint64_t weight;  /* cycles beyond the bound, of the whole group in passes over groups */
};

struct searcher {
  const struct sa_config *config;
  const struct sa_net *net;
  const struct sa_map_options *fixed;
  const struct sa_search_options *options;
  struct sa_search *search;
  struct place *places; /* owned */
  uint32_t place_count;
  uint32_t *choices;    /* owned; [layer_count], 0: the mapper's */
  bool stopped;
};

/* One layer's (or group's) candidates, shared by the workers. */
struct contest {
  const struct searcher *searcher;
  const struct place *place;
  bool whole_group;
  uint32_t count;       /* candidates 1 .. count are tried */
  pthread_mutex_t lock;
  uint32_t next;
  uint64_t *cycles;     /* [count]; UINT64_MAX: cannot be mapped so */
  enum sa_status status;
  struct sa_error error;
};

void sa_search_init(struct sa_search *search) { memset(search, 0, sizeof *search); }

void sa_search_release(struct sa_search *search) {
  free(search->overrides);
  free(search->layer_default_cycles);
  sa_search_init(search);
}

static bool equal_work(const struct sa_layer *a, const struct sa_layer *b) {
  return a->kind == b->kind && a->gemm_m == b->gemm_m && a->gemm_k == b->gemm_k && a->gemm_n == b->gemm_n &&
         a->gemm_count == b->gemm_count && a->out.n == b->out.n && a->out.h == b->out.h && a->out.w == b->out.w &&
         a->out.c == b->out.c && a->kernel_h == b->kernel_h && a->kernel_w == b->kernel_w &&
         a->stride_h == b->stride_h && a->stride_w == b->stride_w && a->has_residual == b->has_residual &&
         a->transpose_b == b->transpose_b && a->activation == b->activation;
}

/* ---- Overrides ---- */

static size_t fixed_count(const struct sa_map_options *fixed) { return fixed ? fixed->override_count : 0; }

static struct sa_map_override *make_overrides(const struct searcher *s) {
  return calloc(fixed_count(s->fixed) + s->net->layer_count + 1, sizeof(struct sa_map_override));
}

/* The given ones, then the layers' choices with `choice` for the contest's; returns how many. */
static size_t fill_overrides(const struct searcher *s, const struct contest *contest, uint32_t choice,
                             struct sa_map_override *overrides) {
  size_t count = fixed_count(s->fixed);
  if (count) memcpy(overrides, s->fixed->overrides, count * sizeof *overrides);
  for (uint32_t i = 0; i < s->place_count; i++) {
    const struct place *p = &s->places[i];
    const bool meant = contest && (contest->whole_group ? p->group == contest->place->group
                                                        : p->layer == contest->place->layer);
    const uint32_t wanted = meant ? choice : s->choices[p->layer];
    if (wanted) overrides[count++] = (struct sa_map_override){.layer = p->layer, .choice = wanted};
  }
  return count;
}

/* ---- Contests ---- */

static enum sa_status try_candidate(const struct contest *contest, uint32_t choice,
                                    struct sa_map_override *overrides, uint64_t *cycles, struct sa_error *error) {
  const struct searcher *s = contest->searcher;
  struct sa_map_options options = {.overrides = overrides};
  if (s->fixed) options.store_all = s->fixed->store_all;
  options.override_count = fill_overrides(s, contest, choice, overrides);
  struct sa_mapping mapping;
  struct sa_counters counters;
  enum sa_status status = sa_map(s->config, s->net, &options, &mapping, error);
  *cycles = UINT64_MAX;
  if (status) return status == SA_ERR_LIMIT ? SA_OK : status; /* no room: no candidate */
  status = sa_engine_run(s->config, &mapping.program, NULL, &counters, NULL, 0, error);
  sa_mapping_release(&mapping);
  if (!status) *cycles = counters.cycles[0];
  return status;
}

static void *worker(void *user) {
  struct contest *contest = user;
  struct sa_map_override *overrides = make_overrides(contest->searcher);
  struct sa_error error = {0};
  enum sa_status status = overrides ? SA_OK : sa_fail(&error, SA_ERR_MEMORY, "out of memory");
  for (;;) {
    pthread_mutex_lock(&contest->lock);
    if (status && !contest->status) {
      contest->status = status;
      contest->error = error;
    }
    const uint32_t index = contest->status ? contest->count : contest->next;
    contest->next = index + 1;
    pthread_mutex_unlock(&contest->lock);
    if (index >= contest->count) break;
    status = try_candidate(contest, index + 1, overrides, &contest->cycles[index], &error);
  }
  free(overrides);
  return NULL;
}

/* Runs the contest's candidates with the workers; this thread is one of them. */
static enum sa_status run_contest(struct contest *contest, unsigned jobs, struct sa_error *error) {
  unsigned started = 0;
  const unsigned wanted = jobs < contest->count ? jobs : contest->count;
  pthread_t *threads = calloc(wanted + 1, sizeof *threads);
  contest->cycles = calloc(contest->count + 1, sizeof *contest->cycles);
  if (!threads || !contest->cycles) {
    free(threads);
    return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  }
  while (started + 1 < wanted && pthread_create(&threads[started], NULL, worker, contest) == 0) started++;
  worker(contest);
  for (unsigned i = 0; i < started; i++) pthread_join(threads[i], NULL);
  free(threads);
  if (contest->status) *error = contest->error;
  return contest->status;
}

/* Keeps the first of the best candidates if it is better than what there is. */
static bool keep_best(struct searcher *s, const struct contest *contest) {
  uint32_t best = 0;
  for (uint32_t i = 1; i < contest->count; i++)
    if (contest->cycles[i] < contest->cycles[best]) best = i;
  if (contest->count == 0 || contest->cycles[best] >= s->search->cycles) return false;
  s->search->cycles = contest->cycles[best];
  for (uint32_t i = 0; i < s->place_count; i++) {
    const struct place *p = &s->places[i];
    if (contest->whole_group ? p->group == contest->place->group : p->layer == contest->place->layer)
      s->choices[p->layer] = best + 1;
  }
  return true;
}

static enum sa_status improve(struct searcher *s, const struct place *place, bool whole_group, bool *improved,
                              struct sa_error *error) {
  struct sa_search *search = s->search;
  const uint32_t left = search->limit - search->runs;
  struct contest contest = {.searcher = s,
                            .place = place,
                            .whole_group = whole_group,
                            .count = place->candidates < left ? place->candidates : left,
                            .lock = PTHREAD_MUTEX_INITIALIZER};
  const enum sa_status status = run_contest(&contest, s->options->jobs, error);
  search->runs += contest.count;
  if (!status && keep_best(s, &contest)) *improved = true;
  free(contest.cycles);
  return status;
}

/* ---- Passes ---- */

static int compare_places(const void *a, const void *b) {
  const struct place *x = a, *y = b;
  if (x->weight != y->weight) return x->weight < y->weight ? 1 : -1;
  return x->layer < y->layer ? -1 : x->layer > y->layer;
}

/* One pass over the groups, or over the layers that are not their group alone. */
static enum sa_status pass(struct searcher *s, bool groups, bool *improved, struct sa_error *error) {
  const struct sa_search_options *options = s->options;
  struct sa_search *search = s->search;
  enum sa_status status = SA_OK;
  for (uint32_t i = 0; i < s->place_count && !status && !s->stopped; i++) {
    const struct place *p = &s->places[i];
    uint32_t members = 0;
    for (uint32_t k = 0; k < s->place_count; k++) members += s->places[k].group == p->group;
    if (groups ? p->layer != p->group : members == 1) continue;
    s->stopped = search->runs == search->limit ||
                 (options->on_progress && options->on_progress(options->user, search->runs, search->limit));
    if (!s->stopped) status = improve(s, p, groups, improved, error);
  }
  return status;
}

static enum sa_status search_all(struct searcher *s, struct sa_error *error) {
  enum sa_status status = SA_OK;
  for (bool improved = true; improved && !status && !s->stopped;) {
    improved = false;
    status = pass(s, true, &improved, error);
    if (!status) status = pass(s, false, &improved, error);
  }
  s->search->complete = !s->stopped;
  return status;
}

/* ---- Begin and end ---- */

static uint32_t limit_of(const struct sa_search_options *options, const struct sa_program *program) {
  if (options->limit) return options->limit;
  const uint64_t runs = SA_SEARCH_INSTRS / sa_stream_length(program);
  return runs < SA_SEARCH_MIN ? SA_SEARCH_MIN : runs > SA_SEARCH_MAX ? SA_SEARCH_MAX : (uint32_t)runs;
}

static bool is_fixed(const struct sa_map_options *fixed, uint32_t layer) {
  for (size_t i = 0; i < fixed_count(fixed); i++)
    if (fixed->overrides[i].layer == layer) return true;
  return false;
}

/* Most candidates of an operation of each layer, into choices. */
static void count_candidates(struct searcher *s, const struct sa_mapping *mapping) {
  for (uint32_t i = 0; i < mapping->graph.op_count; i++) {
    uint32_t *most = &s->choices[mapping->graph.ops[i].layer];
    if (mapping->ops[i].candidates > *most) *most = mapping->ops[i].candidates;
  }
}

/* Layers with more than one candidate, by what they might gain. */
static void list_places(struct searcher *s, const struct sa_mapping *mapping) {
  const struct sa_net *net = s->net;
  count_candidates(s, mapping);
  for (uint32_t layer = 0; layer < net->layer_count; layer++) {
    struct place p = {.layer = layer, .group = layer, .candidates = s->choices[layer]};
    s->choices[layer] = 0;
    if (p.candidates < 2 || is_fixed(s->fixed, layer)) continue;
    struct sa_bound bound;
    sa_bound_layer(s->config, net, layer, &bound);
    uint64_t least = bound.array_cycles > bound.memory_cycles ? bound.array_cycles : bound.memory_cycles;
    if (bound.vector_cycles > least) least = bound.vector_cycles;
    const uint64_t cycles = s->search->layer_default_cycles[layer];
    p.weight = cycles > least ? cycles - least : 0;
    for (uint32_t i = 0; i < s->place_count && p.group == layer; i++)
      if (s->places[i].group == s->places[i].layer && s->places[i].candidates == p.candidates &&
          equal_work(&net->layers[s->places[i].layer], &net->layers[layer])) {
        p.group = s->places[i].layer;
        s->places[i].weight += p.weight; /* the first of a group stands for all of it */
      }
    s->places[s->place_count++] = p;
  }
  qsort(s->places, s->place_count, sizeof *s->places, compare_places);
}

static enum sa_status begin(struct searcher *s, struct sa_error *error) {
  struct sa_simulation simulation;
  sa_simulation_init(&simulation);
  enum sa_status status = sa_simulate(s->config, s->net, s->fixed, NULL, &simulation, error);
  if (!status) {
    for (uint32_t i = 0; i < s->net->layer_count; i++)
      s->search->layer_default_cycles[i] = simulation.layers[i].cycles;
    s->search->default_cycles = s->search->cycles = simulation.counters.cycles[0];
    s->search->limit = limit_of(s->options, &simulation.mapping.program);
    s->search->runs = 1;
    list_places(s, &simulation.mapping);
  }
  sa_simulation_release(&simulation);
  return status;
}

enum sa_status sa_search_mapping(const struct sa_config *config, const struct sa_net *net,
                                 const struct sa_map_options *fixed, const struct sa_search_options *options,
                                 struct sa_search *search, struct sa_error *error) {
  struct searcher s = {.config = config, .net = net, .fixed = fixed, .options = options, .search = search};
  sa_search_init(search);
  s.places = calloc(net->layer_count + 1u, sizeof *s.places);
  s.choices = calloc(net->layer_count + 1u, sizeof *s.choices);
  search->layer_default_cycles = calloc(net->layer_count + 1u, sizeof *search->layer_default_cycles);
  search->overrides = make_overrides(&s);
  enum sa_status status = SA_OK;
  if (!s.places || !s.choices || !search->layer_default_cycles || !search->overrides)
    status = sa_fail(error, SA_ERR_MEMORY, "out of memory");
  if (!status) status = begin(&s, error);
  if (!status) status = search_all(&s, error);
  if (!status) search->override_count = fill_overrides(&s, NULL, 0, search->overrides);
  free(s.places);
  free(s.choices);
  if (status) sa_search_release(search);
  return status;
}
