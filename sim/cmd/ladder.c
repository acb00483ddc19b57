/* Climbing the ladder: see ladder.h. */
#include <config.h>

#include "cmd/ladder.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "baseline/host.h"
#include "baseline/lessons.h"
#include "baseline/measure.h"
#include "cmd/interrupt.h"
#include "net/net_yaml.h"
#include "report/simulate.h"

#define SUM_SIZE 1000000u
#define PASSES 7 /* of a library's rung */

/* A weighted sum is a GEMM of one row and one column. */
struct problem { bool gemm; uint64_t n; };

static const struct problem problems[] = {{false, SUM_SIZE}, {true, 1000}, {true, 1024}};

/* Loops in Python on lists, and numpy if it is there: "seconds macs" a line, or the reason. */
static const char PYTHON_SUM[] =
    "import random,time\n"
    "n=%" PRIu64 "\n"
    "random.seed(1)\n"
    "a=[random.gauss(0,1) for _ in range(n)]\n"
    "b=[random.gauss(0,1) for _ in range(n)]\n"
    "def go():\n"
    " s=0.0\n"
    " for i in range(n): s+=a[i]*b[i]\n"
    " return s\n"
    "def best(f,r):\n"
    " t=[]\n"
    " for _ in range(r):\n"
    "  x=time.perf_counter();f();t.append(time.perf_counter()-x)\n"
    " return min(t)\n"
    "print(best(go,3),n)\n"
    "import numpy as np\n"
    "x=np.array(a,dtype=np.float32);y=np.array(b,dtype=np.float32)\n"
    "print(best(lambda:x@y,20),n)\n";

static const char PYTHON_GEMM[] =
    "import random,time\n"
    "n=%" PRIu64 "\n"
    "random.seed(1)\n"
    "a=[random.gauss(0,1) for _ in range(n)]\n"
    "b=[[random.gauss(0,1) for _ in range(n)] for _ in range(n)]\n"
    "c=[0.0]*n\n"
    "def go():\n"
    " for j in range(n):\n"
    "  s=0.0\n"
    "  for k in range(n): s+=a[k]*b[k][j]\n"
    "  c[j]=s\n"
    "x=time.perf_counter();go();print(time.perf_counter()-x,n*n)\n" /* one row of the result */
    "import numpy as np\n"
    "x=np.random.default_rng(1).standard_normal((n,n),dtype=np.float32);y=x.T.copy()\n"
    "x@y\n"
    "t=[]\n"
    "for _ in range(7):\n"
    " z=time.perf_counter();x@y;t.append(time.perf_counter()-z)\n"
    "print(min(t),n**3)\n";

static struct sa_rung *add(struct sa_ladder *ladder, const struct problem *p, const char *name, const char *dtype) {
  struct sa_rung *rung = &ladder->rungs[ladder->count++];
  *rung = (struct sa_rung){.dtype = dtype};
  snprintf(rung->problem, sizeof rung->problem, "%s %" PRIu64, p->gemm ? "gemm" : "sum", p->n);
  snprintf(rung->name, sizeof rung->name, "%s", name);
  return rung;
}

static void climb_python(struct sa_ladder *ladder, const struct problem *p) {
  struct sa_rung *plain = add(ladder, p, "Python loop", "fp64"), *numpy = add(ladder, p, "Python with numpy", "fp32");
  char script[2048], command[2300];
  snprintf(script, sizeof script, p->gemm ? PYTHON_GEMM : PYTHON_SUM, p->n);
  snprintf(command, sizeof command, "p=/usr/bin/python3; test -x $p || p=python3; " /* the system's, which has its packages */
           "OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 exec $p -c '%s' 2>/dev/null", script);
  snprintf(plain->by, sizeof plain->by, "no python3");
  snprintf(numpy->by, sizeof numpy->by, "no numpy");
  FILE *pipe = popen(command, "r");
  if (!pipe) return;
  struct sa_rung *const rungs[] = {plain, numpy};
  for (int i = 0; i < 2; i++) {
    double seconds;
    uint64_t macs;
    if (fscanf(pipe, "%lf %" SCNu64, &seconds, &macs) != 2) break;
    rungs[i]->seconds = seconds;
    rungs[i]->macs = macs;
    snprintf(rungs[i]->by, sizeof rungs[i]->by, i ? "numpy" : "lists of python3");
  }
  pclose(pipe);
}

static enum sa_status make_net(const struct problem *p, struct sa_net *net, struct sa_error *error) {
  char text[160];
  const struct sa_net_options options = {.batch = 1};
  const uint64_t m = p->gemm ? p->n : 1;
  const int length = snprintf(text, sizeof text,
                              "input: {shape: [%" PRIu64 ", %" PRIu64 "]}\n"
                              "layers:\n- {name: gemm, type: fc, out: %" PRIu64 ", bias: false}\n", m, p->n, m);
  sa_net_init(net);
  return sa_net_parse("ladder.yaml", text, (size_t)length, &options, net, error);
}

/* What a process of its own tells. */
struct told {
  double seconds;
  uint64_t macs;
  char by[96];
};

/* What a rung measures; `class` null: a lesson (of a sum: or vector). */
struct task {
  const struct problem *problem;
  const struct sa_provider_class *class;
  enum sa_dtype dtype;
  enum sa_isa isa;
  unsigned threads;
  enum sa_lesson lesson;
};

static void measure_one(const struct task *task, struct told *told) {
  struct sa_error error = {0};
  struct sa_net net;
  struct sa_baseline_run run;
  struct sa_measure_options options = sa_measure_defaults();
  options.isa = task->isa;
  options.threads = task->threads;
  options.repeat = PASSES;
  if (!sa_host_pin(task->threads, &error) && !make_net(task->problem, &net, &error)) {
    if (!sa_measure(&net, task->dtype, task->class, &options, &run, &error)) {
      told->seconds = run.layers[0].pass.min_s;
      told->macs = run.layers[0].macs;
      snprintf(told->by, sizeof told->by, "%s%s%s", run.layers[0].implementation, run.exact ? "" : ", inexact",
               run.layers[0].pass.preempted ? ", preempted" : "");
      sa_baseline_run_release(&run);
    }
    sa_net_release(&net);
  }
  if (error.status) snprintf(told->by, sizeof told->by, "%.95s", error.message);
}

static void measure_lesson(const struct task *task, struct told *told) {
  struct sa_error error = {0};
  const struct problem *p = task->problem;
  enum sa_status status = sa_host_pin(1, &error);
  if (!status && !task->class)
    status = p->gemm ? sa_lesson_gemm(task->lesson, p->n, &told->macs, &told->seconds, &error)
                     : sa_lesson_sum(task->lesson, p->n, &told->macs, &told->seconds, &error);
  if (!status && task->class) { /* a sum with vectors */
    status = sa_lesson_vector_sum(task->isa, p->n, &told->macs, &told->seconds, &error);
    snprintf(told->by, sizeof told->by, "%.95s", status ? error.message : "four vectors of partial sums");
    return;
  }
  const bool friendly = task->lesson == SA_LESSON_FRIENDLY;
  snprintf(told->by, sizeof told->by, "%.95s", status ? error.message : p->gemm ? (friendly ? "loops i, k, j" : "loops i, j, k")
                                               : friendly ? "four accumulators" : "one accumulator");
  if (status) told->seconds = 0;
}

/* In a process of its own, bound to its cores: libraries take their ceiling and their threads once. */
static enum sa_status climb(struct sa_ladder *ladder, const char *name, const struct task *task, struct sa_error *error) {
  struct sa_rung *rung = add(ladder, task->problem, name, sa_dtype_name(task->dtype));
  if (task->class && !sa_isa_present(task->isa)) {
    snprintf(rung->by, sizeof rung->by, "this CPU has no %s", sa_isa_name(task->isa));
    return SA_OK;
  }
  int ends[2];
  if (pipe(ends)) return sa_fail(error, SA_ERR_IO, "cannot make a pipe");
  const pid_t child = fork();
  if (child < 0) {
    close(ends[0]);
    close(ends[1]);
    return sa_fail(error, SA_ERR_IO, "cannot start a process");
  }
  struct told told = {0};
  if (child == 0) {
    close(ends[0]);
    if (task->class && task->problem->gemm)
      measure_one(task, &told);
    else
      measure_lesson(task, &told);
    _exit(write(ends[1], &told, sizeof told) == (ssize_t)sizeof told ? 0 : 1);
  }
  close(ends[1]);
  const bool whole = read(ends[0], &told, sizeof told) == (ssize_t)sizeof told;
  close(ends[0]);
  waitpid(child, NULL, 0);
  rung->seconds = whole ? told.seconds : 0;
  rung->macs = whole ? told.macs : 0;
  snprintf(rung->by, sizeof rung->by, "%s", whole ? told.by : "its process died");
  return SA_OK;
}

static enum sa_status climb_lessons(struct sa_ladder *ladder, const struct problem *p, struct sa_error *error) {
  enum sa_status status = SA_OK;
  for (enum sa_lesson lesson = SA_LESSON_UNOPTIMISED; lesson < SA_LESSONS && !status; lesson++) {
    const struct task task = {.problem = p, .dtype = SA_DTYPE_FP32, .lesson = lesson};
    status = climb(ladder, sa_lesson_name(lesson), &task, error);
  }
  return status;
}

struct step { const char *name; const struct sa_provider_class *class; enum sa_dtype dtype; enum sa_isa isa; };

static enum sa_status climb_libraries(struct sa_ladder *ladder, const struct problem *p, struct sa_error *error) {
  static const struct step steps[] = {
      {"C with vectors, 128 bits", &sa_provider_vector, SA_DTYPE_FP32, SA_ISA_SSE41},
      {"C with vectors, AVX2", &sa_provider_vector, SA_DTYPE_FP32, SA_ISA_AVX2},
      {"C with vectors, AVX-512", &sa_provider_vector, SA_DTYPE_FP32, SA_ISA_AVX512},
      {"OpenBLAS", &sa_provider_blas, SA_DTYPE_FP32, SA_ISA_AVX512},
      {"oneDNN, SSE4.1", &sa_provider_dnnl, SA_DTYPE_FP32, SA_ISA_SSE41},
      {"oneDNN, AVX2", &sa_provider_dnnl, SA_DTYPE_FP32, SA_ISA_AVX2},
      {"oneDNN, AVX-512", &sa_provider_dnnl, SA_DTYPE_FP32, SA_ISA_AVX512},
      {"oneDNN, bf16", &sa_provider_dnnl, SA_DTYPE_BF16, SA_ISA_BF16},
      {"oneDNN, int8 on AVX2", &sa_provider_dnnl, SA_DTYPE_INT8, SA_ISA_AVX2},
      {"oneDNN, int8 on VNNI", &sa_provider_dnnl, SA_DTYPE_INT8, SA_ISA_VNNI},
      {"oneDNN, bf16 on AMX", &sa_provider_dnnl, SA_DTYPE_BF16, SA_ISA_AMX},
      {"oneDNN, int8 on AMX", &sa_provider_dnnl, SA_DTYPE_INT8, SA_ISA_AMX},
  };
  enum sa_status status = SA_OK;
  for (size_t i = 0; i < sizeof steps / sizeof *steps && !status && !sa_interrupt_wanted(); i++) {
    /* a sum has nothing for the matrix libraries to win; its memory order and vectors are the lesson */
    if (!p->gemm && steps[i].class != &sa_provider_vector) continue;
    const struct task task = {p, steps[i].class, steps[i].dtype, steps[i].isa, 1, SA_LESSONS};
    status = climb(ladder, steps[i].name, &task, error);
  }
  struct sa_host host;
  sa_host_read(&host);
  for (int d = 0; d < SA_DTYPES && !status && p->gemm && !sa_interrupt_wanted(); d++) {
    char name[64];
    snprintf(name, sizeof name, "oneDNN, %s, %u cores", sa_dtype_name((enum sa_dtype)d), host.cores);
    const struct task task = {p, &sa_provider_dnnl, (enum sa_dtype)d, sa_isa_best(), host.cores, SA_LESSONS};
    status = climb(ladder, name, &task, error);
  }
  return status;
}

static enum sa_status climb_array(struct sa_ladder *ladder, const struct problem *p, const char *machine,
                                  struct sa_error *error) {
  struct sa_config config;
  struct sa_net net;
  enum sa_status status = sa_config_load(machine, NULL, 0, &config, error);
  if (!status) status = make_net(p, &net, error);
  if (status) return status;
  char name[64];
  snprintf(name, sizeof name, "array %.30s, simulated", config.name);
  struct sa_rung *rung = add(ladder, p, name, "int8");
  struct sa_simulation simulation;
  struct sa_error own = {0};
  sa_simulation_init(&simulation);
  if (sa_simulate(&config, &net, NULL, NULL, &simulation, &own)) {
    snprintf(rung->by, sizeof rung->by, "%.191s", own.message);
  } else {
    rung->seconds = (double)simulation.report.total.cycles / (double)config.clock_hz;
    rung->macs = simulation.report.total.macs;
    snprintf(rung->by, sizeof rung->by, "%" PRIu32 "x%" PRIu32 " PEs at %.4g MHz", config.array_rows, config.array_cols,
             (double)config.clock_hz / 1e6);
  }
  sa_simulation_release(&simulation);
  sa_net_release(&net);
  return SA_OK;
}

enum sa_status sa_ladder_climb(struct sa_ladder *ladder, const char *const *machines, size_t machine_count,
                               struct sa_error *error) {
  *ladder = (struct sa_ladder){0};
  sa_interrupt_catch();
  enum sa_status status = SA_OK;
  for (size_t i = 0; i < sizeof problems / sizeof *problems && !status && !sa_interrupt_wanted(); i++) {
    climb_python(ladder, &problems[i]);
    status = climb_lessons(ladder, &problems[i], error);
    if (!status) status = climb_libraries(ladder, &problems[i], error);
    for (size_t j = 0; j < machine_count && !status && ladder->count < SA_LADDER_MAX; j++)
      status = climb_array(ladder, &problems[i], machines[j], error);
  }
  ladder->complete = !sa_interrupt_wanted();
  return status;
}
