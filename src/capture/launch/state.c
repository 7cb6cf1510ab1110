/* Notes the state that sh and Node change but the command needs unchanged; later restores it and becomes the
 * command. before.ts has the format of the note. */
#include "state.h"
#include "../library/launchers.h"
#include "../library/slots.h"
#include <dirent.h>

/* exec takes strings of up to 128 KiB (MAX_ARG_STRLEN). This leaves room for the variable's name. */
#define NOTE_MAX (120 * 1024)

/* -- note ------------------------------------------------------------------------------------------------ */

static char *read_all(int fd, size_t *size) {
	size_t room = 1 << 16, n = 0;
	char *text = malloc(room);
	while (text) {
		ssize_t got = read(fd, text + n, room - n);
		if (got < 0 && errno == EINTR) continue;
		if (got <= 0) {
			*size = n;
			if (got == 0) return text;
			break;
		}
		n += (size_t)got;
		if (n < room) continue;
		char *bigger = realloc(text, room *= 2);
		if (!bigger) break;
		text = bigger;
	}
	free(text);
	return NULL;
}

static size_t name_size(const char *entry) {
	return strcspn(entry, "=");
}

static int same_name(const char *a, const char *b) {
	size_t n = name_size(a);
	return n == name_size(b) && memcmp(a, b, n) == 0;
}

/* Node's strings cannot hold other bytes. */
static int is_utf8(const char *text) {
	const unsigned char *c = (const unsigned char *)text;
	while (*c) {
		int more = *c < 0x80                ? 0
				 : *c >= 0xc2 && *c < 0xe0 ? 1
				 : (*c & 0xf0) == 0xe0     ? 2
				 : *c >= 0xf0 && *c < 0xf5 ? 3
										   : -1;
		if (more < 0) return 0;
		if ((*c == 0xe0 && c[1] < 0xa0) || (*c == 0xed && c[1] > 0x9f)) return 0;
		if ((*c == 0xf0 && c[1] < 0x90) || (*c == 0xf4 && c[1] > 0x8f)) return 0;
		for (c++; more > 0; more--, c++)
			if ((*c & 0xc0) != 0x80) return 0;
	}
	return 1;
}

struct note {
	char text[NOTE_MAX];
	size_t length;
	int full;
};

static void put(struct note *note, const char *format, unsigned long long value) {
	int n = snprintf(note->text + note->length, sizeof note->text - note->length, format, value);
	if (n < 0 || note->length + (size_t)n >= sizeof note->text) note->full = 1;
	else note->length += (size_t)n;
}

/* Appends a sign, n bytes and NUL in hexadecimal digits. */
static void put_entry(struct note *note, char sign, const char *bytes, size_t n) {
	put(note, "%02llx", (unsigned char)sign);
	for (size_t i = 0; i < n && !note->full; i++) put(note, "%02llx", (unsigned char)bytes[i]);
	put(note, "%02llx", 0);
}

static unsigned long long signals_ignored(void) {
	unsigned long long mask = 0;
	struct sigaction action;
	for (int number = 1; number < NSIG; number++)
		if (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			mask |= 1ULL << (number - 1);
	return mask;
}

static unsigned long long signals_blocked(void) {
	unsigned long long mask = 0;
	sigset_t set;
	if (sigprocmask(SIG_BLOCK, NULL, &set) != 0) return 0;
	for (int number = 1; number < NSIG; number++)
		if (sigismember(&set, number) == 1) mask |= 1ULL << (number - 1);
	return mask;
}

static void put_descriptors(struct note *note) {
	DIR *folder = opendir("/proc/self/fd");
	if (!folder) return;
	for (struct dirent *entry; (entry = readdir(folder));) {
		int fd = atoi(entry->d_name);
		if (fd > 2 && fd != dirfd(folder))
			put(note, note->text[note->length - 1] == '/' ? "%llu" : " %llu", (unsigned)fd);
	}
	closedir(folder);
}

static int is_in(const char *entry, char *const *list, size_t count) {
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i], entry) == 0) return 1;
	return 0;
}

static int count_named(const char *entry, char *const *list, size_t count) {
	int found = 0;
	for (size_t i = 0; i < count; i++) found += same_name(entry, list[i]);
	return found;
}

/* Appends the differences of our environment to that on stdin. Returns 0 if stdin cannot be read. */
static int put_environment(struct note *note) {
	size_t size, count = 0, current = 0;
	char *was = read_all(0, &size);
	if (!was || (size > 0 && was[size - 1] != 0)) return 0;
	for (size_t i = 0; i < size; i += strlen(was + i) + 1) count++;
	char **entries = malloc((count + 1) * sizeof *entries);
	if (!entries) return 0;
	count = 0;
	for (size_t i = 0; i < size; i += strlen(was + i) + 1) entries[count++] = was + i;
	while (environ[current]) current++;
	for (size_t i = 0; i < current; i++)
		if (count_named(environ[i], entries, count) == 0)
			put_entry(note, '-', environ[i], name_size(environ[i]));
	for (size_t i = 0; i < count; i++)
		if (!is_utf8(entries[i]) || !is_in(entries[i], environ, current) ||
			count_named(entries[i], entries, count) > 1)
			put_entry(note, '+', entries[i], strlen(entries[i]));
	return 1;
}

/* Can the user start this many more processes? Node has a dozen threads. */
static int can_fork(int count) {
	pid_t children[16];
	int made = 0, fds[2];
	if (pipe(fds) != 0) return 1;
	while (made < count && (children[made] = fork()) >= 0) {
		char byte;
		if (children[made++] != 0) continue;
		close(fds[1]);
		while (read(fds[0], &byte, 1) < 0 && errno == EINTR) {}
		_exit(0);
	}
	close(fds[0]);
	close(fds[1]);
	for (int i = 0; i < made; i++) waitpid(children[i], NULL, 0);
	return made == count;
}

/* Finds a limit under which Node cannot start, or may be killed during the build: the command then runs
 * without it. Node reserves gigabytes of address space, and needs some twenty descriptors before it runs a
 * line. Returns the limit's name, or "". */
static const char *too_small(void) {
	static const struct {
		int resource;
		rlim_t least;
		const char *name;
	} needs[] = {
		{RLIMIT_NOFILE, 64, "ulimit -n"},
		{RLIMIT_AS, 1536ULL << 20, "ulimit -v"},
		{RLIMIT_DATA, 256ULL << 20, "ulimit -d"},
		{RLIMIT_CPU, 600, "ulimit -t"},
		{RLIMIT_NPROC, 512, "ulimit -u"},
	};
	for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
		struct rlimit limit;
		if (getrlimit(needs[i].resource, &limit) != 0) continue;
		/* Node itself raises the soft limit of open files. */
		rlim_t most = needs[i].resource == RLIMIT_NOFILE ? limit.rlim_max : limit.rlim_cur;
		if (most == RLIM_INFINITY || most >= needs[i].least) continue;
		if (needs[i].resource != RLIMIT_NPROC || !can_fork(16)) return needs[i].name;
	}
	return "";
}

int note_state(void) {
	static struct note note;
	struct rlimit files;
	note.length = (size_t)snprintf(note.text, sizeof note.text, "1/%s/", too_small());
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY)
		put(&note, "%llu", files.rlim_cur);
	put(&note, "/%llx", signals_ignored());
	put(&note, "/%llx/", signals_blocked());
	put_descriptors(&note);
	put(&note, "/", 0);
	size_t before = note.length;
	if (put_environment(&note) && !note.full) put(&note, "/.", 0);
	else note.length = before;
	return fwrite(note.text, 1, note.length, stdout) == note.length && fflush(stdout) == 0 ? 0 : 1;
}

/* -- start ----------------------------------------------------------------------------------------------- */

static int hex_digit(char c) {
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes in place. Returns the number of bytes, or -1. */
static long decode(char *hex) {
	long n = 0;
	for (const char *c = hex; *c; c += 2, n++) {
		int high = hex_digit(c[0]), low = high < 0 ? -1 : hex_digit(c[1]);
		if (low < 0) return -1;
		hex[n] = (char)(high << 4 | low);
	}
	return n;
}

static void restore_signals(unsigned long long ignored, unsigned long long blocked) {
	sigset_t set;
	sigemptyset(&set);
	for (int number = 1; number < NSIG; number++) {
		signal(number, ignored >> (number - 1) & 1 ? SIG_IGN : SIG_DFL);
		if (blocked >> (number - 1) & 1) sigaddset(&set, number);
	}
	sigprocmask(SIG_SETMASK, &set, NULL);
}

static int is_ours(const char *entry) {
	return strncmp(entry, "LOGLIN_", 7) == 0 || strncmp(entry, "LD_PRELOAD=", 11) == 0;
}

/* Removes all variables that have an entry from the environment, then adds the entries with a `+`.
 * entries: n bytes; each entry is a sign, text and NUL. */
static void restore_environment(char *entries, size_t n) {
	size_t current = 0, count = 0, kept = 0;
	while (environ[current]) current++;
	for (size_t i = 0; i < n; i += strlen(entries + i) + 1) count++;
	char **made = malloc((current + count + 1) * sizeof *made);
	if (!made || (n > 0 && entries[n - 1] != 0)) return;
	for (size_t k = 0; k < current; k++) {
		int changed = 0;
		for (size_t i = 0; i < n; i += strlen(entries + i) + 1)
			changed |= same_name(entries + i + 1, environ[k]);
		if (!changed || is_ours(environ[k])) made[kept++] = environ[k];
	}
	for (size_t i = 0; i < n; i += strlen(entries + i) + 1)
		if (entries[i] == '+' && !is_ours(entries + i + 1)) made[kept++] = entries + i + 1;
	made[kept] = NULL;
	environ = made;
}

/* Cuts off the next field of the note. */
static char *field(char **rest) {
	char *start = *rest, *slash = strchr(start, '/');
	*rest = slash ? slash + 1 : start + strlen(start);
	if (slash) *slash = 0;
	return start;
}

static void restore(char *was) {
	struct rlimit files;
	char *rest = was;
	if (strcmp(field(&rest), "1") != 0) return;
	field(&rest); /* the limit that is too small for Node */
	const char *limit = field(&rest);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = *limit ? strtoull(limit, NULL, 10) : RLIM_INFINITY;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	unsigned long long ignored = strtoull(field(&rest), NULL, 16), blocked = strtoull(field(&rest), NULL, 16);
	restore_signals(ignored, blocked);
	field(&rest); /* the open descriptors: Node has passed them on */
	char *entries = field(&rest);
	if (strcmp(field(&rest), ".") != 0) return;
	long n = decode(entries);
	if (n > 0) restore_environment(entries, (size_t)n);
	if (strcmp(field(&rest), "0") == 0) close(0);
}

/* Removes a variable from the environment. Returns its value, or NULL. */
static char *take(const char *name_and_equals) {
	for (size_t i = 0; environ[i]; i++) {
		if (strncmp(environ[i], name_and_equals, strlen(name_and_equals)) != 0) continue;
		char *value = environ[i] + strlen(name_and_equals);
		do environ[i] = environ[i + 1];
		while (environ[i++]);
		return value;
	}
	return NULL;
}

char **take_arguments(char *argv[]) {
	char *hex = take("LOGLIN_ARGV=");
	long n = hex ? decode(hex) : -1;
	if (n <= 0 || hex[n - 1] != 0) return argv;
	size_t count = 0;
	for (long i = 0; i < n; i += (long)strlen(hex + i) + 1) count++;
	char **made = malloc((count + 1) * sizeof *made);
	if (!made) return argv;
	count = 0;
	for (long i = 0; i < n; i += (long)strlen(hex + i) + 1) made[count++] = hex + i;
	made[count] = NULL;
	return made;
}

static void become(char *const argv[]) {
	char found[4096];
	const char *program = ll_on_path(argv[0], getenv("PATH"), found, sizeof found);
	char *const *env = environ;
#ifdef LOGLIN_STATIC
	int attached = ll_hide() && ll_attach();
	ll_scrub();
	if (attached) {
		char **room = malloc(launch_env_room(environ) * sizeof *room), **more;
		if (room) env = launch_env(room, environ, program, NULL);
		more = malloc(launch_env_room(env) * sizeof *more);
		if (more) env = static_ninja_env(more, env, program, argv);
		ll_announce(program, argv);
	}
#endif
	execve(program, argv, env);
	if (errno != ENOEXEC) return;
	/* A script without #! is run by sh, as a shell would do. */
	size_t count = 0;
	while (argv[count]) count++;
	char *shell[count + 2];
	shell[0] = (char[]){"/bin/sh"};
	shell[1] = (char *)(size_t)program;
	for (size_t i = 1; i <= count; i++) shell[i + 1] = argv[i];
	execve("/bin/sh", shell, env);
}

int start_command(char *argv[]) {
	char *was = take("LOGLIN_WAS=");
	argv = take_arguments(argv);
	if (was) restore(was);
	become(argv);
	int failed = errno;
	fprintf(stderr, "loglin: %s: %s\n", argv[0], strerror(failed));
	return failed == ENOENT ? 127 : 126;
}
