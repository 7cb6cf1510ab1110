/* GNU make from the inside: each target's recipe is a job with a slot of its own. Knows how make works, not
 * the walk or the store.
 *
 * make >= 4.3 starts recipes with posix_spawn, older versions with vfork and exec. Both reap them with
 * wait and waitpid. The makefile loglin.mk, named in MAKEFILES, makes make put the target, its needs and
 * its newer needs into the environment of each recipe; they are removed again here. make starts a recipe's
 * next line inside the call that reaps the last one (job.c, reap_children). So a target is finished if
 * make does anything else after it has reaped a step. At exit make's print_file_data_base writes the graph
 * to a file. Records go in-band, into make's output, so that they stand exactly between the texts that
 * make prints before and after them. */
#include "make.h"
#include "launchers.h"
#include "slots.h"
#include "terminals.h"
#include "tool.h"
#include <dlfcn.h>

#pragma weak dlsym

struct job {
	struct job *next;
	pid_t pid; /* of the running step; 0 between two steps */
	int number, step;
	int again; /* the announced step could not be started (a script without #!): make tries it with a shell */
	int piece;         /* with --output-sync into a pipe: make's temporary file; -1: none */
	int terminal;      /* ends when all that was written to the step's terminal is in the slot; -1: none */
	long long copied;  /* how much of it was copied into the slot */
	char slot[16], err_slot[16]; /* err_slot: that of its stderr, if make's stderr has one of its own */
	char *const *environment; /* of the whole recipe, made by make */
};

/* The struct of make's output.h (since 4.0): the temporary files of --output-sync. */
struct output {
	int out, err;
	unsigned synced : 1;
};

/* The variables that loglin.mk puts into a recipe's environment. */
struct recipe {
	const char *target, *needs, *newer, *goals;
};

static struct job *jobs;
static int planning; /* only the graph is wanted: no recipe is to run */
static int job_count;

/* make's functions and variables; NULL if this make does not export them. */
static void (*print_graph)(void);
static void (*dump_output)(struct output *);
static const int *output_sync, *keep_going;
#define SYNC_BY_LINE 1

static void set_makefiles(void) {
	static char entry[4500];
	char **slot = NULL;
	size_t n = 0;
	const char *users = getenv("MAKEFILES");
	ll_prepare();
	snprintf(entry, sizeof entry, "%s%s%s", ll_makefiles, users ? " " : "", users ? users : "");
	for (; environ[n]; n++)
		if (strncmp(environ[n], "MAKEFILES=", 10) == 0) slot = &environ[n];
	if (slot) {
		*slot = entry;
		return;
	}
	/* The constructor has usually removed an entry from this array. Its room is used, since under musl main
	 * sees only this array. Nothing was removed if the user has an LD_PRELOAD: that takes a new array. */
	if (ll_env_room) {
		environ[n] = entry;
		environ[n + 1] = NULL;
		return;
	}
	char **bigger = malloc((n + 2) * sizeof *bigger);
	if (!bigger) return;
	memcpy(bigger, environ, n * sizeof *bigger);
	bigger[n] = entry;
	bigger[n + 1] = NULL;
	environ = bigger;
}

/* The file of make's stdout, to tell it from a temporary one. */
static unsigned long long own_device, own_inode;

static void start(void) {
	raw_fstat(1, &own_device, &own_inode, NULL, NULL);
	planning = strcmp(ll_job_slot, "plan") == 0;
	set_makefiles();
	if (!planning) tool_send_start('M', "");
}

static void record_job(struct record *r, const struct job *job) {
	record_start(r);
	record_addf(r, "%s.%d", tool_instance, job->number);
}

static void finish_job(struct job *job) {
	struct record r;
	for (struct job **at = &jobs; *at; at = &(*at)->next)
		if (*at == job) {
			*at = job->next;
			break;
		}
	record_job(&r, job);
	record_send(&r, tool_record_fd, 'E');
	if (job->piece >= 0) close(job->piece);
	if (job->terminal >= 0) close(job->terminal);
	free(job);
}

/* Finishes all reaped jobs but one: make's current action shows that they have no further step. */
static void finish_reaped(const struct job *except) {
	for (struct job *job = jobs, *next; job; job = next) {
		next = job->next;
		if (job->pid == 0 && job != except) finish_job(job);
	}
}

/* make starts all lines of a recipe with the same environment (job.c, start_job_command). So a mark that
 * was set with the first line tells a further line from the next `::` rule of the target, which may have
 * the same target and needs. The address alone does not: the memory may be used again. */
static const char fresh[] = "LOGLIN_TARGET=", marked[] = "LOGLIN_RECIPE=";

static struct job *continued(char *const envp[]) {
	if (!ll_getenv(envp, marked)) return NULL;
	for (struct job *job = jobs; job; job = job->next)
		if (job->environment == envp) return job;
	return NULL;
}

static struct job *new_job(char *const envp[]) {
	struct job *job = calloc(1, sizeof *job);
	if (!job) return NULL;
	for (size_t i = 0; envp[i]; i++)
		if (strncmp(envp[i], fresh, sizeof fresh - 1) == 0) memcpy(envp[i], marked, sizeof marked - 1);
	job->environment = envp;
	job->number = job_count++;
	job->piece = job->terminal = -1;
	job->next = jobs;
	jobs = job;
	if (!(tool_out || tool_err))
		TRACE("no slot for job %d of this make: its output goes elsewhere", job->number);
	if (!(tool_out || tool_err) || !ll_take_slot(job->slot)) strcpy(job->slot, "-");
	if (tool_err == 2 && *job->slot != '-' && !ll_take_slot(job->err_slot)) strcpy(job->err_slot, "-");
	return job;
}

/* With --output-sync a recipe's stdout is a temporary file of make's. Otherwise it is make's stdout, which
 * may be a file too. */
static int is_synced(int file) {
	unsigned mode;
	unsigned long long device, inode;
	if (raw_fstat(file, &device, &inode, &mode, NULL) != 0 || (mode & S_IFMT) != S_IFREG) return 0;
	return device != own_device || inode != own_inode;
}

/* Moves what make has printed for this job, such as the echo, from its temporary file into the log. */
static void move_synced(int file, int slot) {
	char buffer[8192];
	for (long long at = 0;;) {
		ssize_t n = pread(file, buffer, sizeof buffer, at);
		if (n < 0) return;
		if (n == 0) break;
		for (ssize_t done = 0; done < n;) {
			ssize_t w = write(slot, buffer + done, (size_t)(n - done));
			if (w < 0 && errno != EINTR) return;
			if (w > 0) done += w;
		}
		at += n;
	}
	if (ftruncate(file, 0) == 0) lseek(file, 0, SEEK_SET);
}

/* The reader of a pipe gets a piece when make prints it, as without us. The job's log gets a copy before
 * that. */
static void copy_piece(struct job *job) {
	char buffer[8192];
	int slot = job->piece < 0 || *job->slot == '-' ? -1 : ll_open_slot(job->slot, tool_record_fd);
	ssize_t n;
	if (slot < 0) return;
	while ((n = pread(job->piece, buffer, sizeof buffer, job->copied)) > 0) {
		ll_write_all(slot, buffer, (size_t)n);
		job->copied += n;
	}
	close(slot);
	/* make empties the file when it has printed the piece. */
	if (output_sync && *output_sync == SYNC_BY_LINE) job->copied = 0;
}

static void add_hex(struct record *r, const char *bytes, size_t n) {
	char hex[2 * n + 1];
	for (size_t i = 0; i < n; i++) snprintf(hex + 2 * i, 3, "%02x", (unsigned char)bytes[i]);
	hex[2 * n] = 0;
	record_add(r, hex);
}

/* With `-w --output-sync` make names its folder before and after each piece of a recipe's output. It finds
 * no output in its temporary file now, so the recorder prints these lines instead. Their text is found out
 * once: make prints a piece that is one NUL. Returns whether make prints such lines. */
static int report_frame(void) {
	static int asked, framed;
	char text[9000];
	if (asked++ || !dump_output) return framed;
	int file = (int)syscall(SYS_memfd_create, "piece", 1U /* MFD_CLOEXEC */);
	int printed = (int)syscall(SYS_memfd_create, "printed", 1U);
	int saved = fcntl(1, F_DUPFD_CLOEXEC, 10);
	if (file >= 0 && printed >= 0 && saved >= 0 && write(file, "", 1) == 1) {
		struct output piece = {file, -1, 1};
		fflush(stdout);
		tool_stdout_replaced = 1;
		dup2(printed, 1);
		dump_output(&piece);
		dup2(saved, 1);
		tool_stdout_replaced = 0;
		ssize_t n = pread(printed, text, sizeof text, 0);
		char *middle = n > 0 ? memchr(text, 0, (size_t)n) : NULL;
		framed = middle && n > 1;
		if (framed && tool_out) {
			struct record r;
			record_start(&r);
			record_add(&r, tool_instance);
			record_add(&r, output_sync && *output_sync == SYNC_BY_LINE ? "line" : "target");
			add_hex(&r, text, (size_t)(middle - text));
			add_hex(&r, middle + 1, (size_t)(text + n - middle - 1));
			record_send(&r, tool_record_fd, 'F');
		}
	}
	if (file >= 0) close(file);
	if (printed >= 0) close(printed);
	if (saved >= 0) close(saved);
	return framed;
}

/* Since make 4.4 a $(shell) has the exported variables too. Its stdout is a pipe. */
static int is_shell_function(const posix_spawn_file_actions_t *actions) {
	unsigned mode;
	if (!actions || actions != tool_actions || tool_actions_out == 1) return 0;
	return raw_fstat(tool_actions_out, NULL, NULL, &mode, NULL) == 0 && (mode & S_IFMT) == S_IFIFO;
}

static void add_command(struct record *r, char *const argv[]) {
	for (size_t i = 0; argv[i]; i++) record_add(r, argv[i]);
}

/* A step that is about to be started. */
struct start {
	struct job *job;
	int slot, err_slot, synced; /* err_slot: the same as slot, unless its stderr has one of its own */
	int out, err;               /* whether its stdout and stderr go to a slot */
	int terminals[2];           /* in front of the slots; -1: none */
	char entry[128]; /* its LOGLIN_JOB; "" if that of its parent stays */
};

/* The job's slots as they are written in records and in LOGLIN_JOB. */
static const char *slot_names(const struct job *job, char names[40]) {
	int two = *job->err_slot && *job->err_slot != '-', passed_on = ll_is_forwarded() && *job->slot != '-';
	snprintf(names, 40, "%s%s%s", job->slot, passed_on ? "+" : "", two ? job->err_slot : "");
	return names;
}

static void mark_step(const struct job *job, int slot) {
	struct record r;
	record_job(&r, job);
	record_addf(&r, "%d", job->step);
	record_add(&r, tool_record_fd < 0 ? "-" : ll_job_slot);
	record_send(&r, slot, 'S');
}

/* Sends the step's record in make's own stream, then marks the place in the job's slots. Returns 0 if the
 * record of a job's start could not be written. */
static int announce(const struct start *start, const struct recipe *recipe, char *const argv[]) {
	const struct job *job = start->job;
	int slot = start->slot, framed = start->synced && start->out;
	int sent = 1;
	char names[40];
	struct record r;
	tool_flush();
	record_job(&r, job);
	if (job->step == 0) {
		char cwd[4096];
		record_add(&r, tool_instance);
		record_add(&r, slot < 0 ? "-" : slot_names(job, names));
		/* Only now can be seen whether the target is missing. */
		char out = start->synced && ll_is_forwarded() && slot >= 0 ? 'p' : start->out ? '1' : '0';
		record_addf(&r, "%c%d%d%d", out, start->err, framed, access(recipe->target, F_OK) != 0);
		record_addf(&r, "%lld", ll_now());
		record_add(&r, getcwd(cwd, sizeof cwd) ? cwd : "");
		record_add(&r, recipe->target);
		record_add(&r, recipe->needs);
		record_add(&r, recipe->newer);
		record_add(&r, recipe->goals);
		add_command(&r, argv);
		sent = record_send(&r, tool_record_fd, 'L');
	} else {
		record_addf(&r, "%d", job->step);
		record_addf(&r, "%d", framed);
		record_addf(&r, "%lld", ll_now());
		add_command(&r, argv);
		record_send(&r, tool_record_fd, 'P');
	}
	if (!sent) return 0;
	if (slot >= 0) mark_step(job, slot);
	if (start->err_slot >= 0 && start->err_slot != slot) mark_step(job, start->err_slot);
	return 1;
}

/* Opens the job's slots for a step. */
static void open_slots(struct start *start) {
	const struct job *job = start->job;
	start->slot = strcmp(job->slot, "-") == 0 ? -1 : ll_open_slot(job->slot, tool_record_fd);
	start->err_slot = start->slot;
	if (*job->err_slot) start->err_slot = *job->err_slot == '-' ? -1 : ll_open_slot(job->err_slot, 2);
	start->out = tool_out && start->slot >= 0;
	start->err = tool_err && start->err_slot >= 0;
}

static void close_slots(struct start *start) {
	if (start->err_slot >= 0 && start->err_slot != start->slot) close(start->err_slot);
	if (start->slot >= 0) close(start->slot);
	start->slot = start->err_slot = -1;
}

/* How long make waits for what a process in the background may still write to a step's terminal. */
#define TERMINAL_MS 100

/* Puts terminals in front of the slots if make's output goes to one. */
static void open_terminals(struct start *start) {
	int ends[2], out = start->out && ll_had_terminal(1), err = start->err && ll_had_terminal(2);
	int one = out && err && start->slot == start->err_slot;
	struct job *job = start->job;
	if ((!out && !err) || pipe2(ends, O_CLOEXEC) != 0) return;
	if (job->terminal >= 0) close(job->terminal);
	job->terminal = fcntl(ends[0], F_DUPFD_CLOEXEC, 10);
	close(ends[0]);
	start->terminals[0] = out ? ll_open_terminal(start->slot, ends[1]) : -1;
	start->terminals[1] = one ? start->terminals[0] : err ? ll_open_terminal(start->err_slot, ends[1]) : -1;
	close(ends[1]);
}

static void close_terminals(struct start *start) {
	if (start->terminals[1] >= 0 && start->terminals[1] != start->terminals[0]) close(start->terminals[1]);
	if (start->terminals[0] >= 0) close(start->terminals[0]);
	start->terminals[0] = start->terminals[1] = -1;
}

/* Where a step's stdout (1) or stderr (2) is put. */
static int put_on(const struct start *start, int fd) {
	int terminal = start->terminals[fd - 1];
	if (!(fd == 1 ? start->out : start->err)) return -1;
	return terminal >= 0 ? terminal : fd == 1 ? start->slot : start->err_slot;
}

/* All that the step has written to its terminal goes to its slot before its end is told. */
static void drain_terminal(struct job *job) {
	struct pollfd p = {.fd = job->terminal, .events = POLLIN};
	if (job->terminal < 0) return;
	/* The ends of other jobs interrupt it. */
	while (poll(&p, 1, TERMINAL_MS) < 0 && errno == EINTR) {}
	close(job->terminal);
	job->terminal = -1;
}

/* The pipe that make writes to has lost its reader (pipes.c). Nobody would read the slots; the job gets
 * make's own output, and SIGPIPE from it. */
static void give_up_slots(struct start *start) {
	struct job *job = start->job;
	close_slots(start);
	if (*job->slot != '-') ll_return_slot(job->slot);
	if (*job->err_slot && *job->err_slot != '-') ll_return_slot(job->err_slot);
	strcpy(job->slot, "-");
	*job->err_slot = 0;
	start->out = start->err = 0;
}

#pragma weak __fpurge
void __fpurge(FILE *);

/* Has make print its graph into a file. Returns the file's name in the build folder, or "". If the disk is
 * full, nothing of the attempt is left: neither text in stdout's buffer, nor its error flag, which would
 * make make fail at exit. */
static const char *write_graph(void) {
	static char name[64];
	struct held_signals held;
	char path[400];
	snprintf(name, sizeof name, "g.%s", tool_instance);
	ll_path(path, sizeof path, name);
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (file < 0) return "";
	int had_error = fflush(stdout) != 0 || ferror(stdout), whole = 0;
	int saved = fcntl(1, F_DUPFD_CLOEXEC, 10);
	/* This needs a copy of make's stdout, to restore it, and a way to drop buffered text, which would
	 * otherwise be printed there. */
	int can_restore = saved >= 0 || (errno == EBADF && fcntl(1, F_GETFD) < 0);
	if (!had_error && __fpurge && can_restore && dup2(file, 1) == 1) {
		static char buffer[1 << 16]; /* make's stdout is line-buffered, and the graph has many lines */
		ll_hold_signals(&held);
		setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
		tool_stdout_replaced = 1;
		print_graph();
		tool_stdout_replaced = 0;
		whole = fflush(stdout) == 0 && !ferror(stdout);
		setvbuf(stdout, NULL, _IOLBF, 0);
		ll_release_signals(&held, !whole);
		if (!whole) {
			__fpurge(stdout);
			clearerr(stdout);
		}
		if (saved < 0) close(1);
	}
	if (saved >= 0) {
		dup2(saved, 1);
		close(saved);
	}
	close(file);
	if (!whole) unlink(path);
	return whole ? name : "";
}

/* --plan wants only make's graph. At the first recipe the graph is as complete as it gets before something
 * runs. */
static __attribute__((noreturn)) void end_plan(const char *goals) {
	char cwd[4096];
	struct record r;
	record_start(&r);
	record_add(&r, getcwd(cwd, sizeof cwd) ? cwd : "");
	record_add(&r, goals);
	record_add(&r, print_graph ? write_graph() : "");
	record_send(&r, -1, 'G');
	_exit(0);
}

static const char *recipe_variable(char *const envp[], const char *entry) {
	const char *value = ll_getenv(envp, entry);
	return value ? value : "";
}

/* Finds or makes the job of a recipe line, and announces the step. Returns 0 if this is not a recipe line,
 * or if nobody records it. */
static int begin_step(struct start *start, int synced, char *const argv[], char *const envp[]) {
	struct job *job = continued(envp);
	struct recipe recipe = {
		recipe_variable(envp, fresh),
		recipe_variable(envp, "LOGLIN_NEEDS="),
		recipe_variable(envp, "LOGLIN_NEWER="),
		recipe_variable(envp, "LOGLIN_GOALS=")};
	if (!job && !*recipe.target) return 0;
	if (planning) end_plan(recipe.goals);
	if (!ll_alive()) return 0;
	finish_reaped(job);
	if (!job) job = new_job(envp);
	if (!job) return 0;
	start->job = job;
	start->slot = start->err_slot = start->terminals[0] = start->terminals[1] = -1;
	open_slots(start);
	start->synced = synced;
	if (synced && ll_is_forwarded()) start->out = start->err = 0;
	/* With only its stderr in the slot, make would not see that, and would not name the folder before its
	 * stdout. */
	else if (synced && start->slot >= 0 && report_frame() && !start->out) start->err = 0;
	if (!job->again && !announce(start, &recipe, argv)) give_up_slots(start);
	job->again = 0;
	/* A job without a slot writes into its parent's, and so do the jobs below it. */
	start->entry[0] = 0;
	char names[40];
	if (start->slot >= 0 || tool_record_fd < 0)
		snprintf(start->entry, sizeof start->entry, "LOGLIN_JOB=%s/%s.%d", slot_names(job, names),
			tool_instance, job->number);
	return 1;
}

static int make_spawn(spawn_fn *real, pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
	const posix_spawnattr_t *attributes, char *const argv[], char *const envp[]) {
	struct start start;
	char *room[launch_env_room(envp)];
	int file = actions && actions == tool_actions && tool_actions_out != 1 ? tool_actions_out : -1;
	int synced = is_synced(file);
	if (getpid() != tool_pid || is_shell_function(actions) || !begin_step(&start, synced, argv, envp))
		return real(pid, path, actions, attributes, argv, launch_env(room, envp, path, NULL));

	struct job *job = start.job;
	char *const *env = launch_env(room, envp, path, *start.entry ? start.entry : NULL);
	if (start.out && synced) move_synced(file, start.slot);
	if (synced && ll_is_forwarded() && job->piece < 0) job->piece = fcntl(file, F_DUPFD_CLOEXEC, 10);
	pid_t child = 0;
	open_terminals(&start);
	int result = tool_spawn_on_slot(
		real, &child, path, actions, attributes, argv, env, put_on(&start, 1), put_on(&start, 2));
	close_terminals(&start);
	close_slots(&start);
	if (pid) *pid = child;
	if (result == 0) {
		job->pid = child;
		job->step++;
	} else if (result == ENOEXEC || result == EINTR) {
		job->again = 1;
	}
	return result;
}

/* make before 4.3 starts recipes with vfork and exec. This runs in the child, in make's own memory, just
 * before it becomes the command. Puts stdout and stderr on the slot, whether they are make's own or
 * redirected (--output-sync). */
static char *const *make_exec(char **room, char *const argv[], char *const envp[], const char *program) {
	struct start start;
	static char entry[128];
	if (getpid() == tool_pid) {
		finish_reaped(NULL); /* make re-executes itself after it has remade a makefile */
		return launch_env(room, envp, program, NULL);
	}
	/* With --output-sync stdout is make's temporary file by now. The records still go where make's output
	 * goes. */
	int usual_fd = tool_record_fd;
	if (tool_record_fd >= 0 && !ll_is_slot(tool_record_fd))
		tool_record_fd = ll_open_slot(ll_job_slot, tool_record_fd);
	int synced = is_synced(1), begun = begin_step(&start, synced, argv, envp);
	if (tool_record_fd != usual_fd && tool_record_fd >= 0) close(tool_record_fd);
	tool_record_fd = usual_fd;
	if (!begun) return launch_env(room, envp, program, NULL);
	if (start.out && synced) move_synced(1, start.slot);
	open_terminals(&start);
	if (start.out) dup2(put_on(&start, 1), 1);
	if (start.err) dup2(put_on(&start, 2), 2);
	close_terminals(&start);
	close_slots(&start);
	/* A descriptor of this child, but a variable of make's. */
	start.job->terminal = -1;
	start.job->pid = getpid();
	start.job->step++;
	strcpy(entry, start.entry);
	return launch_env(room, envp, program, *entry ? entry : NULL);
}

static void before_wait(void) {
	finish_reaped(NULL);
}

static void reaped(pid_t pid, int status, const struct rusage *usage) {
	struct record r;
	for (struct job *job = jobs; job; job = job->next) {
		if (job->pid != pid) continue;
		job->pid = 0;
		copy_piece(job);
		drain_terminal(job);
		record_job(&r, job);
		record_addf(&r, "%d", job->step - 1);
		record_add_end(&r, status, usage);
		record_send(&r, tool_record_fd, 'W');
		if (tool_err != 2) return;
		record_job(&r, job);
		record_addf(&r, "%d", job->step - 1);
		record_send(&r, 2, 'Y');
		return;
	}
}

static void ending(int status) {
	struct record r;
	char cwd[4096];
	if (planning) end_plan("");
	if (!ll_alive()) return;
	finish_reaped(NULL);
	record_start(&r);
	record_add(&r, tool_instance);
	record_addf(&r, "%d", status);
	record_addf(&r, "%lld", ll_now());
	record_add(&r, job_count > 0 && print_graph ? write_graph() : "");
	record_add(&r, getcwd(cwd, sizeof cwd) ? cwd : "");
	record_add(&r, !keep_going ? "" : *keep_going ? "1" : "0");
	tool_flush();
	record_send(&r, tool_record_fd, 'X');
}

const struct tool *make_recognise(const char *exe) {
	static const struct tool make = {"make", 1, start, make_spawn, make_exec, before_wait, reaped, ending};
	const char *name = ll_base_name(exe);
	print_graph = (void (*)(void))dlsym(RTLD_DEFAULT, "print_file_data_base");
	dump_output = (void (*)(struct output *))dlsym(RTLD_DEFAULT, "output_dump");
	output_sync = (const int *)dlsym(RTLD_DEFAULT, "output_sync");
	keep_going = (const int *)dlsym(RTLD_DEFAULT, "keep_going_flag");
	return print_graph || ll_in_list("make gmake gnumake", name, strlen(name)) ? &make : NULL;
}
