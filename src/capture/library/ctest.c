/* ctest from the inside: each test is a job, whose output is copied to a slot as ctest reads it. Knows how
 * ctest works, not what it prints: the recorder finds the tests' names and results there.
 *
 * ctest makes a pipe, prints that a test starts, and has libuv fork and exec the test, with the pipe as its
 * stdout and stderr. So a test is announced by the child, just before it becomes the test, while ctest waits
 * for it in uv_spawn. What the child finds out, ctest needs as well: both share the test's memory. */
#include "ctest.h"
#include "launchers.h"
#include "piped.h"
#include "slots.h"

struct test {
	struct piped piped; /* first: a child is its test */
	struct test *next;
	pid_t pid; /* 0: not started, or reaped */
	char id[80]; /* "": not started, or nothing more will come */
};

static struct test *tests;

/* ctest reads nothing more from the test: its slot is free. */
static void finish(struct test *test) {
	struct record r;
	if (!*test->id) return;
	record_start(&r);
	record_add(&r, test->id);
	record_send(&r, tool_record_fd, 'i');
	*test->id = 0;
}

static void finished(struct piped *child) {
	finish((struct test *)child);
}

static void forget(struct test *test) {
	piped_remove(&test->piped);
	for (struct test **at = &tests; *at; at = &(*at)->next)
		if (*at == test) {
			*at = test->next;
			break;
		}
	munmap(test, sizeof *test);
}

/* Forgets pipes that are closed: nobody has told us, but their descriptor is used again. */
static void forget_pipe(int fd) {
	for (struct test *test = tests, *next; test; test = next) {
		next = test->next;
		if (test->piped.fd != fd && test->piped.fd >= 0) continue;
		finish(test);
		test->piped.fd = -1;
		if (!test->pid) forget(test);
	}
}

/* A test may get the pipe, or something else. */
static void note_pipe(const int ends[2]) {
	forget_pipe(ends[0]);
	struct test *test =
		mmap(NULL, sizeof *test, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (test == MAP_FAILED) return;
	test->piped.fd = ends[0];
	test->piped.finished = finished;
	if (raw_fstat(ends[0], NULL, &test->piped.inode, NULL, NULL) != 0) test->piped.inode = 0;
	test->next = tests;
	tests = test;
	piped_add(&test->piped);
}

static void start(void) {
	piped_made = note_pipe;
	tool_send_start('c', getenv("CTEST_OUTPUT_ON_FAILURE") ? "1" : "0");
}

/* -- in the child ---------------------------------------------------------------------------------------- */

/* The test that this child is about to become, or NULL. ctest marks tests by a variable, so that other
 * commands of a dashboard's script are none. */
static struct test *becoming(char *const envp[]) {
	unsigned long long inode;
	if (!ll_getenv(envp, "CTEST_INTERACTIVE_DEBUG_MODE=")) return NULL;
	if (raw_fstat(1, NULL, &inode, NULL, NULL) != 0) return NULL;
	for (struct test *test = tests; test; test = test->next)
		if (test->piped.inode == inode && !test->pid) return test;
	return NULL;
}

/* Returns 0 if the recorder was not told. */
static int announce(const struct test *test, const char *slot, char *const argv[]) {
	char cwd[4096];
	struct record r;
	int stream = tool_record_fd < 0 ? -1 : ll_open_slot(ll_job_slot, 1);
	if (tool_record_fd >= 0 && stream < 0) return 0;
	record_start(&r);
	record_add(&r, test->id);
	record_add(&r, tool_instance);
	record_add(&r, slot);
	record_addf(&r, "%lld", ll_now());
	record_add(&r, getcwd(cwd, sizeof cwd) ? cwd : "");
	for (size_t i = 0; argv[i]; i++) record_add(&r, argv[i]);
	int sent = record_send(&r, stream, 't');
	if (stream >= 0) close(stream);
	return sent;
}

static void open_slot(const struct test *test) {
	struct record r;
	int slot = strcmp(test->piped.slot, "-") == 0 ? -1 : ll_open_slot(test->piped.slot, 1);
	if (slot < 0) return;
	record_start(&r);
	record_add(&r, test->id);
	record_add(&r, tool_record_fd < 0 ? "-" : ll_job_slot);
	record_send(&r, slot, 'u');
	close(slot);
}

static char *const *exec_test(char **room, char *const argv[], char *const envp[], const char *program) {
	static char entry[160];
	char slot[16];
	struct test *test = in_tool() || !ll_alive() ? NULL : becoming(envp);
	if (!test) return launch_env(room, envp, program, NULL);
	if (!ll_take_slot(slot)) strcpy(slot, "-");
	snprintf(test->id, sizeof test->id, "%s.%d", tool_instance, (int)getpid());
	if (!announce(test, slot, argv)) {
		*test->id = 0;
		if (strcmp(slot, "-") != 0) ll_return_slot(slot);
		return launch_env(room, envp, program, NULL);
	}
	strcpy(test->piped.slot, slot);
	test->pid = getpid();
	open_slot(test);
	/* Its slot is not named: ctest is to get what a make or a nested loglin in it prints, so that is passed
	 * on to the pipe (pipes.c). */
	snprintf(entry, sizeof entry, "LOGLIN_JOB=-/%s", test->id);
	return launch_env(room, envp, program, entry);
}

/* -- ends ------------------------------------------------------------------------------------------------ */

static void reaped(pid_t pid, int status, const struct rusage *usage) {
	struct record r;
	for (struct test *test = tests; test; test = test->next) {
		if (test->pid != pid) continue;
		tool_flush();
		record_start(&r);
		record_addf(&r, "%s.%d", tool_instance, (int)pid);
		record_add_end(&r, status, usage);
		record_send(&r, tool_record_fd, 'q');
		test->pid = 0;
		if (test->piped.fd < 0) forget(test);
		return;
	}
}

static void ending(int status) {
	struct record r;
	if (!ll_alive()) return;
	tool_flush();
	for (struct test *test = tests; test; test = test->next) finish(test);
	record_start(&r);
	record_add(&r, tool_instance);
	record_addf(&r, "%d", status);
	record_addf(&r, "%lld", ll_now());
	record_send(&r, tool_record_fd, 'z');
}

const struct tool *ctest_recognise(const char *exe) {
	static const struct tool ctest = {"ctest", 0, start, NULL, exec_test, NULL, reaped, ending};
	return strncmp(ll_base_name(exe), "ctest", 5) == 0 ? &ctest : NULL;
}
