# The program: main.c, and one file per command (commands.def).
bin_PROGRAMS += systole
systole_SOURCES = \
	sim/cmd/args.c sim/cmd/args.h \
	sim/cmd/command.h sim/cmd/commands.def \
	sim/cmd/config.c \
	sim/cmd/main.c \
	sim/cmd/params.c \
	sim/cmd/progress.c sim/cmd/progress.h
systole_LDADD = libsystole-core.la
