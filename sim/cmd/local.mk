# The program: main.c, and one file per command (commands.def).
bin_PROGRAMS += systole
systole_SOURCES = \
	sim/cmd/advice.c sim/cmd/advice.h \
	sim/cmd/args.c sim/cmd/args.h \
	sim/cmd/baseline.c \
	sim/cmd/check.c sim/cmd/check.h sim/cmd/check_network.c sim/cmd/check_random.c \
	sim/cmd/command.h sim/cmd/commands.c sim/cmd/commands.def sim/cmd/commands.h \
	sim/cmd/compare.c sim/cmd/compare.def sim/cmd/comparison.c sim/cmd/comparison.h \
	sim/cmd/config.c \
	sim/cmd/diff.c \
	sim/cmd/explain.c \
	sim/cmd/import.c \
	sim/cmd/interrupt.c sim/cmd/interrupt.h \
	sim/cmd/ladder.c sim/cmd/ladder.h sim/cmd/ladder_write.c \
	sim/cmd/load.c sim/cmd/load.h \
	sim/cmd/main.c \
	sim/cmd/manual.c \
	sim/cmd/mapper.c sim/cmd/mapper.h \
	sim/cmd/merge.c \
	sim/cmd/measure.c sim/cmd/measure.h \
	sim/cmd/params.c \
	sim/cmd/plot.c \
	sim/cmd/program.c \
	sim/cmd/progress.c sim/cmd/progress.h \
	sim/cmd/report.c \
	sim/cmd/results.c \
	sim/cmd/run.c \
	sim/cmd/slurm.c sim/cmd/slurm.h sim/cmd/slurm_job.c sim/cmd/slurm_job.h \
	sim/cmd/sweep.c \
	sim/cmd/wavefront.c
systole_LDADD = libsystole-core.la

# The manual page is printed by the program itself, from its tables.
nodist_man_MANS = systole.1
CLEANFILES += systole.1 systole.1-t
systole.1: systole$(EXEEXT)
	$(AM_V_GEN)./systole$(EXEEXT) manual > $@-t && mv $@-t $@
