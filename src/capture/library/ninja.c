/* ninja and samurai from the inside: each edge is a job, whose output is copied to a slot as it arrives.
 * Knows how the tools work, not the manifest: the recorder finds out which edge a command belongs to.
 *
 * Both start an edge with posix_spawn("/bin/sh", "-c", command), with its output on a pipe. They poll and
 * read the pipe, and reap the edge with waitpid after the pipe's end. Then they print its output; the counts
 * that are sent from here tell the recorder how much of their own output that is. An edge of the console pool
 * has no pipe: it gets the slot itself.
 *
 * What ninja reads from the pipe is copied by piped.c. */
#include "ninja.h"
#include "launchers.h"
#include "piped.h"
#include "slots.h"
#include "tool.h"

struct edge {
	struct piped piped; /* first: a child is its edge */
	struct edge *next;
	pid_t pid;
	int number;
	long long printed; /* bytes that ninja will print of the output it has read */
	char first[32];    /* the first of them */
	int escape; /* where in an escape sequence the text is: 0 outside, 1 after ESC, 2 in a sequence */
};

static struct edge *edges;
static int edge_count, strips_escapes;
static int pipe_ends[2] = {-1, -1}; /* those of the last pipe() */

static void note_pipe(const int ends[2]) {
	memcpy(pipe_ends, ends, sizeof pipe_ends);
}

static void start(void) {
	piped_made = note_pipe;
	tool_send_start('m', strips_escapes ? "1" : "0");
}

static void record_edge(struct record *r, const struct edge *edge) {
	record_start(r);
	record_addf(r, "%s.%d", tool_instance, edge->number);
}

/* Counts the bytes of a text that ninja prints; it may strip escape sequences (util.cc,
 * StripAnsiEscapeCodes). */
static void count_printed(struct piped *child, const char *text, size_t n) {
	struct edge *edge = (struct edge *)child;
	for (size_t i = 0; i < n; i++) {
		char c = text[i];
		if (edge->escape == 2) {
			if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) edge->escape = 0;
		} else if (edge->escape == 1 && c == '[') {
			edge->escape = 2;
		} else {
			edge->escape = strips_escapes && c == '\033';
			if (edge->escape) continue;
			if (edge->printed < (long long)sizeof edge->first) edge->first[edge->printed] = c;
			edge->printed++;
		}
	}
}

/* Makes the job's slot for programs below the edge: a link to the pipe that their output goes to. */
static void name_pipe(const struct edge *edge) {
	char link[300], pipe_name[64];
	snprintf(link, sizeof link, "%s/s/e%s", ll_build, edge->piped.slot);
	snprintf(pipe_name, sizeof pipe_name, "/proc/%d/fd/%d", (int)tool_pid, edge->piped.fd);
	unlink(link);
	if (symlink(pipe_name, link) != 0) errno = 0;
}

static struct edge *new_edge(int piped) {
	struct edge *edge = calloc(1, sizeof *edge);
	if (!edge) return NULL;
	edge->number = edge_count++;
	edge->piped.fd = piped ? pipe_ends[0] : -1;
	edge->piped.seen = count_printed;
	if (!tool_out) TRACE("no slot for edge %d of this ninja: its output goes elsewhere", edge->number);
	if (!tool_out || !ll_take_slot(edge->piped.slot)) strcpy(edge->piped.slot, "-");
	edge->next = edges;
	edges = edge;
	piped_add(&edge->piped);
	return edge;
}

static void forget(struct edge *edge) {
	piped_remove(&edge->piped);
	for (struct edge **at = &edges; *at; at = &(*at)->next)
		if (*at == edge) {
			*at = edge->next;
			break;
		}
	free(edge);
}

/* The pipe that ninja writes to has lost its reader (pipes.c): nobody would read the slot. */
static int unused_slot(struct edge *edge, int slot) {
	close(slot);
	ll_return_slot(edge->piped.slot);
	strcpy(edge->piped.slot, "-");
	return -1;
}

static int announce(struct edge *edge, const char *command) {
	char cwd[4096];
	struct record r;
	int slot = strcmp(edge->piped.slot, "-") == 0 ? -1 : ll_open_slot(edge->piped.slot, tool_record_fd);
	tool_flush();
	record_edge(&r, edge);
	record_add(&r, tool_instance);
	record_add(&r, slot < 0 ? "-" : edge->piped.slot);
	record_add(&r, edge->piped.fd >= 0 ? "p" : "c");
	record_addf(&r, "%lld", ll_now());
	record_add(&r, getcwd(cwd, sizeof cwd) ? cwd : "");
	record_add(&r, command);
	int sent = record_send(&r, tool_record_fd, 'l');
	if (slot < 0) return -1;
	if (!sent) return unused_slot(edge, slot);
	record_edge(&r, edge);
	record_add(&r, tool_record_fd < 0 ? "-" : ll_job_slot);
	record_send(&r, slot, 's');
	return slot;
}

static int spawn(spawn_fn *real, pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
	const posix_spawnattr_t *attributes, char *const argv[], char *const envp[]) {
	char *room[launch_env_room(envp)], entry[128];
	struct edge *edge = NULL;
	int is_edge = in_tool() && argv[0] && argv[1] && argv[2] && strcmp(argv[1], "-c") == 0 && ll_alive();
	int piped = actions == tool_actions && tool_actions_out == pipe_ends[1] && pipe_ends[1] >= 0;
	if (is_edge) edge = new_edge(piped);
	if (!edge) return real(pid, path, actions, attributes, argv, launch_env(room, envp, path, NULL));

	int slot = announce(edge, argv[2]);
	entry[0] = 0;
	if (slot >= 0 || tool_record_fd < 0) {
		if (slot >= 0 && piped) name_pipe(edge);
		const char *prefix = slot >= 0 && piped ? "e" : "";
		snprintf(entry, sizeof entry, "LOGLIN_JOB=%s%s/%s.%d", prefix, edge->piped.slot, tool_instance,
			edge->number);
	}
	pid_t child = 0;
	char *const *env = launch_env(room, envp, path, *entry ? entry : NULL);
	int onto = piped ? -1 : slot;
	int result = tool_spawn_on_slot(
		real, &child, path, actions, attributes, argv, env, onto, tool_err == 1 ? onto : -1);
	if (slot >= 0) close(slot);
	if (pid) *pid = child;
	edge->pid = child;
	pipe_ends[0] = pipe_ends[1] = -1;
	return result;
}

/* -- ends ------------------------------------------------------------------------------------------------ */

static void reaped(pid_t pid, int status, const struct rusage *usage) {
	struct record r;
	for (struct edge *edge = edges; edge; edge = edge->next) {
		if (edge->pid != pid) continue;
		char first[2 * sizeof edge->first + 1] = "";
		tool_flush();
		record_edge(&r, edge);
		record_add_end(&r, status, usage);
		record_addf(&r, "%lld", edge->printed);
		for (size_t i = 0; i < sizeof edge->first && (long long)i < edge->printed; i++)
			snprintf(first + 2 * i, 3, "%02x", (unsigned char)edge->first[i]);
		record_add(&r, first);
		record_send(&r, tool_record_fd, 'w');
		forget(edge);
		return;
	}
}

static void ending(int status) {
	struct record r;
	char cwd[4096];
	if (!ll_alive()) return;
	tool_flush();
	record_start(&r);
	record_add(&r, tool_instance);
	record_addf(&r, "%d", status);
	record_addf(&r, "%lld", ll_now());
	record_add(&r, getcwd(cwd, sizeof cwd) ? cwd : "");
	record_send(&r, tool_record_fd, 'x');
}

const struct tool *ninja_recognise(const char *exe) {
	static const struct tool ninja = {"ninja", 0, start, spawn, NULL, NULL, reaped, ending};
	/* ninja strips escape sequences unless stdout is a terminal or the user forces colours. samurai never
	 * does. */
	const char *force = getenv("CLICOLOR_FORCE");
	strips_escapes = strncmp(ll_base_name(exe), "samu", 4) != 0 && (!force || strcmp(force, "0") == 0);
	return ll_ninja_name(ll_base_name(exe)) ? &ninja : NULL;
}
