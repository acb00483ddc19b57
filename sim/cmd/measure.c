/* The measurement behind `baseline` and `compare`: see measure.h. */
#include "cmd/measure.h"

#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "cmd/interrupt.h"
#include "cmd/progress.h"

/* "a,b" of `words` into set[]; `option` is for messages. */
static enum sa_status choose_words(const struct sa_args *args, const char *option, const char *const *words,
                                   size_t count, bool *set, struct sa_error *error) {
  const char *text = sa_args_value(args, option);
  for (size_t i = 0; i < count; i++) set[i] = !text;
  while (text) {
    char word[32];
    const size_t length = strcspn(text, ",");
    snprintf(word, sizeof word, "%.*s", length < sizeof word ? (int)length : (int)sizeof word - 1, text);
    size_t i = 0;
    while (i < count && strcmp(words[i], word) != 0) i++;
    char hint[128];
    if (i == count)
      return sa_fail(error, SA_ERR_INPUT, "--%s has no \"%s\"%s (see systole baseline --help)", option, word,
                     sa_suggest_hint(hint, sizeof hint, word, words, count));
    set[i] = true;
    text = text[length] ? text + length + 1 : NULL;
  }
  return SA_OK;
}

static enum sa_status choose_isa(const struct sa_args *args, enum sa_isa *isa, struct sa_error *error) {
  const char *names[SA_ISAS];
  for (enum sa_isa i = SA_ISA_SSE41; i < SA_ISAS; i++) names[i] = sa_isa_name(i);
  size_t index = *isa;
  const enum sa_status status = sa_args_word(args, "isa", names, SA_ISAS, &index, error);
  if (status) return status;
  if (sa_args_has(args, "isa") && !sa_isa_present((enum sa_isa)index))
    return sa_fail(error, SA_ERR_INPUT, "--isa is %s; this CPU has no more than %s", names[index], names[*isa]);
  *isa = (enum sa_isa)index;
  return SA_OK;
}

enum sa_status sa_measure_choose(const struct sa_args *args, struct sa_measure_choice *choice,
                                 struct sa_error *error) {
  *choice = (struct sa_measure_choice){.options = sa_measure_defaults(), .providers_given = sa_args_has(args, "provider")};
  const char *providers[SA_PROVIDERS], *dtypes[SA_DTYPES];
  for (size_t i = 0; i < SA_PROVIDERS; i++) providers[i] = sa_providers[i]->name;
  for (size_t i = 0; i < SA_DTYPES; i++) dtypes[i] = sa_dtype_name((enum sa_dtype)i);
  unsigned long long threads = 1, repeat = 0, seconds = 5;
  enum sa_status status = choose_words(args, "provider", providers, SA_PROVIDERS, choice->providers, error);
  if (!status) status = choose_words(args, "dtype", dtypes, SA_DTYPES, choice->dtypes, error);
  if (!status) status = choose_isa(args, &choice->options.isa, error);
  if (!status) status = sa_args_number(args, "threads", 1, 1024, &threads, error);
  if (!status) status = sa_args_number(args, "repeat", 1, 1000000, &repeat, error);
  if (!status) status = sa_args_number(args, "seconds", 1, 86400, &seconds, error);
  choice->options.threads = (unsigned)threads;
  choice->options.repeat = repeat;
  choice->options.seconds = (double)seconds;
  return status;
}

/* Progress of one run among all. */
struct watch {
  struct sa_progress progress;
  size_t done, all;
};

static void show(void *user, double done) {
  struct watch *watch = user;
  sa_progress_update(&watch->progress, ((double)watch->done + done) / (double)watch->all);
}

static bool stopped(void *user) {
  (void)user;
  return sa_interrupt_wanted();
}

static size_t count_runs(const struct sa_measure_choice *choice) {
  size_t count = 0;
  for (size_t p = 0; p < SA_PROVIDERS; p++)
    for (size_t d = 0; d < SA_DTYPES; d++)
      if (choice->providers[p] && choice->dtypes[d] && sa_providers[p]->dtypes[d]) count++;
  return count;
}

static enum sa_status measure_provider(const struct sa_net *net, const struct sa_measure_choice *choice, size_t p,
                                       struct watch *watch, struct sa_baseline *baseline, struct sa_error *error) {
  const struct sa_provider_class *class = sa_providers[p];
  for (size_t d = 0; d < SA_DTYPES && !sa_interrupt_wanted(); d++) {
    if (!choice->dtypes[d] || !class->dtypes[d]) continue;
    struct sa_error own = {0};
    const enum sa_status status = sa_measure(net, (enum sa_dtype)d, class, &choice->options,
                                             &baseline->runs[baseline->run_count], &own);
    if (status == SA_ERR_INPUT && !choice->providers_given) {
      snprintf(baseline->skipped[baseline->skipped_count++], sizeof baseline->skipped[0], "%s: %.110s", class->name, own.message);
      return SA_OK;
    }
    if (status) return sa_fail(error, status, "%s: %s", class->name, own.message);
    baseline->run_count++;
    watch->done++;
  }
  return SA_OK;
}

enum sa_status sa_measure_all(const struct sa_net *net, struct sa_measure_choice *choice,
                              struct sa_baseline *baseline, struct sa_error *error) {
  *baseline = (struct sa_baseline){.batch = net->batch};
  memcpy(baseline->network, net->name, sizeof baseline->network);
  sa_host_read(&baseline->host);
  enum sa_status status = sa_host_pin(choice->options.threads, error);
  if (status) return status;
  struct watch watch = {.all = count_runs(choice)};
  if (watch.all == 0)
    return sa_fail(error, SA_ERR_INPUT, "no chosen provider has a chosen data type (openblas has fp32 alone)");
  sa_interrupt_catch();
  choice->options.stopped = stopped;
  choice->options.progress = show;
  choice->options.user = &watch;
  sa_progress_begin(&watch.progress, "measuring");
  status = sa_roofline_measure(choice->options.isa, &baseline->roofline, error);
  for (size_t p = 0; p < SA_PROVIDERS && !status && !sa_interrupt_wanted(); p++)
    if (choice->providers[p]) status = measure_provider(net, choice, p, &watch, baseline, error);
  sa_progress_end(&watch.progress);
  baseline->complete = !sa_interrupt_wanted();
  if (status) sa_baseline_release(baseline);
  return status;
}
