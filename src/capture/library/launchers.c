/* Decides which programs inherit the library. Knows nothing of what the library does there.
 *
 * In every environment the library would break programs (one built with gcc's -fsanitize=address refuses to
 * start), and would show in `env`. So it is hidden from the process it is loaded into, and put back
 * (wrappers.c) only for launchers: programs that start other programs, and scripts that these interpret.
 *
 * An environment that a program has made anew (env -i, subprocess.run(env=…)) has none of our variables. A
 * launcher gets them all the same, with LOGLIN_SCRUBBED (the trace's file, or 1), which tells the library
 * there to hide all of them. A program that is started in a way that is not wrapped loses the library, never
 * anything else. Code that runs in a vfork child must not allocate: it uses the stack only. */
#include "launchers.h"
#include "slots.h"
#include <dlfcn.h>
#include <elf.h>

#pragma weak dlsym

int ll_is_tool;
char ll_makefiles[300];
int ll_env_room;

static char preload[300]; /* "LD_PRELOAD=<library>" */
static char readers_preload[300];

/* One string each: arrays of pointers would have to be relocated in every process. */
static const char launcher_names[] =
	"sh ash dash bash rbash zsh ksh mksh yash fish busybox toybox make gmake gnumake bmake "
	"remake ninja ninja-build samu cmake ctest ctest3 cpack ccmake meson env time timeout nice "
	"ionice chrt taskset nohup setsid stdbuf flock xargs find parallel just script unshare chroot "
	"node nodejs php lua ruby tclsh expect git libtool";
static const char versioned_names[] = "python perl ruby tclsh lua php pypy";

int ll_ninja_name(const char *name) {
	return ll_in_list("ninja ninja-build samu samurai", name, strlen(name));
}

int ll_piped_name(const char *name) {
	return ll_ninja_name(name) || ll_in_list("ctest ctest3", name, strlen(name));
}

void *ll_next(const char *symbol) {
	return dlsym ? dlsym(RTLD_NEXT, symbol) : NULL;
}

const char *ll_getenv(char *const envp[], const char *name) {
	size_t n = strlen(name);
	for (size_t i = 0; envp && envp[i]; i++)
		if (strncmp(envp[i], name, n) == 0) return envp[i] + n;
	return NULL;
}

static int starts(const char *text, const char *with) {
	return strncmp(text, with, strlen(with)) == 0;
}

const char *ll_base_name(const char *path) {
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

int ll_in_list(const char *list, const char *name, size_t length) {
	while (*list) {
		size_t n = strcspn(list, " ");
		if (n == length && memcmp(list, name, n) == 0) return 1;
		list += n + (list[n] == ' ');
	}
	return 0;
}

int ll_launcher_name(const char *name) {
	size_t n = strlen(name), base = n;
	if (ll_in_list(launcher_names, name, n)) return 1;
	while (base > 0 && strchr("0123456789.", name[base - 1])) base--;
	return ll_in_list(versioned_names, name, base);
}

#if defined(__LP64__)
typedef Elf64_Ehdr Header;
typedef Elf64_Phdr Segment;
typedef Elf64_Dyn Dynamic;
#define OUR_CLASS ELFCLASS64
#else
typedef Elf32_Ehdr Header;
typedef Elf32_Phdr Segment;
typedef Elf32_Dyn Dynamic;
#define OUR_CLASS ELFCLASS32
#endif
#if defined(__x86_64__)
#define OUR_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define OUR_MACHINE EM_AARCH64
#elif defined(__i386__)
#define OUR_MACHINE EM_386
#elif defined(__riscv)
#define OUR_MACHINE EM_RISCV
#elif defined(__arm__)
#define OUR_MACHINE EM_ARM
#else
#error "add the machine's EM_ number"
#endif

/* The file offset of a virtual address, or 0. */
static size_t file_offset(const Segment *segments, size_t count, size_t address) {
	for (size_t i = 0; i < count; i++) {
		const Segment *s = &segments[i];
		if (s->p_type == PT_LOAD && address >= s->p_vaddr && address < s->p_vaddr + s->p_filesz)
			return address - s->p_vaddr + s->p_offset;
	}
	return 0;
}

/* Reasons why a program cannot have a preloaded library; NULL: it can. */
static const char *const OTHER_KIND = "kind", *const STATIC = "static";
static const char *const SANITIZED = "sanitizer", *const SETUID = "setuid";

/* Checks that an ELF file is of our class and machine, dynamic, and without a sanitizer runtime, which
 * insists on being loaded first. */
static const char *elf_objection(const char *file, size_t size) {
	const Header *h = (const Header *)file;
	if (size < sizeof *h || h->e_ident[EI_CLASS] != OUR_CLASS || h->e_machine != OUR_MACHINE)
		return OTHER_KIND;
	if (h->e_phoff + (size_t)h->e_phnum * sizeof(Segment) > size) return OTHER_KIND;
	const Segment *segments = (const Segment *)(file + h->e_phoff);
	const Dynamic *dynamic = NULL;
	size_t dynamic_count = 0, strings = 0;
	int interpreter = 0;
	for (size_t i = 0; i < h->e_phnum; i++) {
		if (segments[i].p_type == PT_INTERP) interpreter = 1;
		if (segments[i].p_type == PT_DYNAMIC && segments[i].p_offset + segments[i].p_filesz <= size) {
			dynamic = (const Dynamic *)(file + segments[i].p_offset);
			dynamic_count = segments[i].p_filesz / sizeof(Dynamic);
		}
	}
	if (!interpreter || !dynamic) return STATIC;
	for (size_t i = 0; i < dynamic_count && dynamic[i].d_tag != DT_NULL; i++)
		if (dynamic[i].d_tag == DT_STRTAB) strings = file_offset(segments, h->e_phnum, dynamic[i].d_un.d_ptr);
	for (size_t i = 0; strings && i < dynamic_count && dynamic[i].d_tag != DT_NULL; i++) {
		size_t at = strings + dynamic[i].d_un.d_val;
		if (dynamic[i].d_tag != DT_NEEDED || at >= size || !memchr(file + at, 0, size - at)) continue;
		const char *needed = file + at;
		if (strstr(needed, "libclang_rt") || strstr(needed, "asan.so") || strstr(needed, "tsan.so"))
			return SANITIZED;
	}
	return NULL;
}

/* The same for an open ELF file. One that cannot be read counts as of another kind. */
static const char *preload_objection(int fd) {
	long long size;
	unsigned mode;
	if (raw_fstat(fd, NULL, NULL, &mode, &size) != 0) return OTHER_KIND;
	if (mode & 06000) return SETUID;
	char *file = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (file == MAP_FAILED) return OTHER_KIND;
	const char *objection = elf_objection(file, (size_t)size);
	munmap(file, (size_t)size);
	return objection;
}

/* Why the program that is_launcher() last saw is not a launcher, for the trace. */
static const char *not_launcher = "";

static int is_launcher(const char *path, int depth) {
	char head[256];
	int saved = errno, answer = 0;
	not_launcher = "on no PATH";
	if (!strchr(path, '/')) return 0;
	/* Our own launcher: if it is static, it decides with this very function what to pass on. */
	if (strcmp(ll_base_name(path), "loglin-launch") == 0) return 1;
	not_launcher = "unreadable";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) goto out;
	not_launcher = "none of the programs that start others";
	ssize_t n = read(fd, head, sizeof head - 1);
	if (n > 2 && head[0] == '#' && head[1] == '!' && depth < 4) {
		head[n] = 0;
		char *interpreter = head + 2 + strspn(head + 2, " \t");
		interpreter[strcspn(interpreter, " \t\r\n")] = 0;
		answer = is_launcher(interpreter, depth + 1);
	} else if (n > 4 && memcmp(head, ELFMAG, SELFMAG) == 0 && ll_launcher_name(ll_base_name(path))) {
		const char *objection = preload_objection(fd);
		if (objection) not_launcher = objection;
		answer = objection == NULL;
	}
	close(fd);
out:
	errno = saved;
	return answer;
}

/* is_launcher() with a cache of one system program: make starts the same shell again and again. */
static int is_known_launcher(const char *path) {
	static char last[64];
	static int answer;
	static const char *why;
	int is_systems = starts(path, "/bin/") || starts(path, "/usr/bin/");
	if (!ll_is_tool || strlen(path) >= sizeof last || !is_systems) return is_launcher(path, 0);
	if (strcmp(path, last) != 0) {
		answer = is_launcher(path, 0);
		why = not_launcher;
		strcpy(last, path);
	}
	not_launcher = why;
	return answer;
}

const char *ll_on_path(const char *program, const char *path, char *room, size_t size) {
	if (strchr(program, '/')) return program;
	if (!path) path = "/bin:/usr/bin";
	for (;;) {
		size_t n = strcspn(path, ":");
		if (snprintf(room, size, "%.*s/%s", n ? (int)n : 1, n ? path : ".", program) < (int)size &&
			syscall(SYS_faccessat, AT_FDCWD, room, X_OK) == 0)
			return room;
		if (!path[n]) return program;
		path += n + 1;
	}
}

/* The variables that hooks give to a script. They are the lines of a file in the build's folder e, which has
 * the script's name. `=NAME=value` replaces the user's value. `?NAME=value` does so only if there is one. A
 * name after a tab is the variable that keeps the user's value. `<NAME=value` goes before the user's value. A
 * first line `!` means that programs that are not scripts get the variables too. */
#define HOOK_ENTRIES 8

struct hook_entries {
	size_t count;
	char *entries[HOOK_ENTRIES];
};

static size_t name_length(const char *entry) {
	return strcspn(entry, "=") + 1;
}

/* Other programs have the names of such scripts: there is more than one parallel. */
static int is_script(const char *path) {
	char head[2];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, head, sizeof head);
	if (fd >= 0) close(fd);
	return n == sizeof head && head[0] == '#' && head[1] == '!';
}

/* Does the link to the library in the build's folder lead to a file? Not if loglin has been removed, nor
 * in a chroot that shares /dev with us. The loader would then complain in the output of each program, and
 * a shim would be missing. */
static int is_installed(const char *library) {
	char path[300];
	struct statx s;
	int saved = errno;
	ll_path(path, sizeof path, library);
	int there = syscall(SYS_statx, AT_FDCWD, path, 0, STATX_TYPE, &s) == 0;
	errno = saved;
	return there;
}

static int add_hook_entry(
	struct hook_entries *hook, char **room, char *end, const char *format, const char *a, const char *b) {
	int n = snprintf(*room, (size_t)(end - *room), format, a, b);
	if (n < 0 || n >= end - *room || hook->count == HOOK_ENTRIES) return 0;
	hook->entries[hook->count++] = *room;
	*room += n + 1;
	return 1;
}

static void read_hook_entries(struct hook_entries *hook, const char *program, char *const envp[]) {
	static char text[4096], made[16384];
	char path[400], *room = made, *const end = made + sizeof made;
	int saved = errno;
	hook->count = 0;
	snprintf(path, sizeof path, "%s/e/%s", ll_build, ll_base_name(program));
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
	if (fd >= 0) close(fd);
	int any_kind = n > 2 && text[0] == '!';
	if (n > 0 && ((!any_kind && !is_script(program)) || !is_installed("lib.so"))) n = 0;
	errno = saved;
	if (n <= 0) return;
	text[n] = 0;
	for (char *line = text + (any_kind ? 2 : 0), *next; *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next) *next++ = 0;
		char name[128], *entry = line + 1, *keep = entry + strcspn(entry, "\t");
		if (*keep) *keep++ = 0;
		if (snprintf(name, sizeof name, "%.*s", (int)name_length(entry), entry) >= (int)sizeof name) continue;
		const char *users = ll_getenv(envp, name), *value = entry + strlen(name);
		if (*line == '?' && (!users || !*users)) continue;
		if (*line == '<' && users && *users) {
			/* A program below one of the same kind has it already. */
			if (strncmp(users, value, strlen(value)) != 0)
				add_hook_entry(hook, &room, end, "%s %s", entry, users);
			continue;
		}
		int to_keep = *keep && users && strcmp(users, value) != 0;
		if (to_keep && !add_hook_entry(hook, &room, end, "%s=%s", keep, users)) continue;
		add_hook_entry(hook, &room, end, "%s%s", entry, "");
	}
}

/* Most programs are started by shells, which no hook is for: their file is not looked for. */
static int has_hook_entries(const char *program) {
	const char *name = ll_base_name(program);
	return !ll_in_list("sh dash bash env", name, strlen(name));
}

/* Is this the shim of a hook? This process reports how it ends (tool.c), so the shim need not wait for its
 * command. */
static int is_shim(const char *program) {
	return starts(ll_base_name(program), "loglin-") && strstr(program, "/hooks/");
}

/* Reports a tool that cannot be split, since the library cannot be loaded into it, and a program that runs
 * others where the library cannot follow. */
static void report_unsplit(const char *program) {
	const char *name = ll_base_name(program), *objection = NULL;
	int make = ll_in_list("make gmake gnumake", name, strlen(name)), ninja = ll_ninja_name(name);
	int away = ll_in_list("sudo su doas runuser pkexec systemd-run docker podman", name, strlen(name));
	if (!(make || ninja || away) || (!away && !ll_is_hooked(make ? "make" : "ninja"))) return;
	char head[SELFMAG];
	int saved = errno, fd = open(program, O_RDONLY | O_CLOEXEC), elf = 0;
	if (fd >= 0) {
		elf = read(fd, head, sizeof head) == sizeof head && memcmp(head, ELFMAG, SELFMAG) == 0;
		if (elf && !away) objection = preload_objection(fd);
		close(fd);
	}
	/* Not read: su is unreadable on some systems. */
	if (away && syscall(SYS_faccessat, AT_FDCWD, program, X_OK) == 0) objection = "away";
	/* A static ninja is split by its own output. */
	if (objection && !(objection == STATIC && starts(name, "ninja"))) {
		struct record r;
		record_start(&r);
		record_add(&r, program);
		record_add(&r, objection);
		record_send(&r, -1, 'U');
	}
	errno = saved;
}

/* turbo is static, and chooses itself what of its environment its scripts get. LD_PRELOAD is always passed
 * on, and is in none of its hashes. So turbo gets a link to the library whose name says in which job it was
 * started. A process in which that link is loaded gets the variables back (ll_restore). */
#define CARRIER "lib.so."

static int is_static(const char *program) {
	int saved = errno, fd = open(program, O_RDONLY | O_CLOEXEC), answer = 0;
	char head[SELFMAG];
	if (fd >= 0) {
		answer = read(fd, head, sizeof head) == sizeof head && memcmp(head, ELFMAG, SELFMAG) == 0 &&
			preload_objection(fd) == STATIC;
		close(fd);
	}
	errno = saved;
	return answer;
}

/* The LD_PRELOAD entry for such a program; NULL: it is none. */
static char *carrier(const char *program, const char *job, const char *users_preload) {
	static char entry[4096];
	char path[600], name[sizeof ll_job + sizeof CARRIER];
	int saved = errno;
	if (strcmp(ll_base_name(program), "turbo") != 0 || !is_static(program)) return NULL;
	if (!ll_alive() || !is_installed("lib.so")) return NULL;
	snprintf(name, sizeof name, CARRIER "%s", job ? job : ll_job);
	char *slash = strrchr(name, '/');
	if (slash) *slash = ',';
	ll_path(path, sizeof path, name);
	int made = symlink("lib.so", path) == 0 || errno == EEXIST;
	errno = saved;
	int n = snprintf(entry, sizeof entry, "LD_PRELOAD=%s%s%s", path, users_preload ? ":" : "",
		users_preload ? users_preload : "");
	return made && n < (int)sizeof entry ? entry : NULL;
}

int ll_restore(void) {
	const char *value = ll_getenv(environ, "LD_PRELOAD=");
	size_t n = value ? strcspn(value, ": ") : 0;
	char path[600], *mark, *name, *comma;
	if (n == 0 || n >= sizeof path) return 0;
	memcpy(path, value, n);
	path[n] = 0;
	mark = strstr(path, "/loglin-");
	name = strrchr(path, '/');
	if (!mark || name == mark || !starts(name + 1, CARRIER)) return 0;
	*name = 0;
	name += strlen(CARRIER) + 1;
	comma = strrchr(name, ',');
	if (!comma) return 0;
	*comma = '/';
	setenv("LOGLIN_BUILD", path, 0);
	setenv("LOGLIN_JOB", name, 0);
	return 1;
}

void ll_restore_hook(void) {
	const char *script = (const char *)getauxval(AT_EXECFN);
	struct hook_entries hook = {0};
	if (!script || !has_hook_entries(script)) return;
	read_hook_entries(&hook, script, environ);
	for (size_t k = 0; k < hook.count; k++) {
		char *entry = strdup(hook.entries[k]);
		if (entry) putenv(entry);
	}
}

size_t launch_env_room(char *const envp[]) {
	size_t n = 0;
	while (envp && envp[n]) n++;
	return n + 7 + HOOK_ENTRIES;
}

char *const *launch_env(char **room, char *const envp[], const char *program, char *job) {
	ll_prepare();
	const char *build = ll_getenv(envp, "LOGLIN_BUILD=");
	int scrubbed = !build && !ll_getenv(envp, "LOGLIN_JOB=");
	int ours = scrubbed || (build && strcmp(build, ll_build) == 0);
	int launcher = ours && is_known_launcher(program);
	int pass = launcher && (job || ll_alive());
	int is_reader = pass && ll_piped_name(ll_base_name(program));
	int installed = pass && is_installed(is_reader ? "readers.so" : "lib.so");
	if (!installed)
		TRACE("%s is not looked into: %s", program,
			!ours ? "its environment names another build"
			: pass ? "loglin's library is not there: a chroot, or an update"
			: !launcher ? not_launcher
			: "nobody records any more");
	pass = installed;
	/* The user's LD_PRELOAD stays, after ours. */
	const char *users_preload = ll_getenv(envp, "LD_PRELOAD=");
	char *loaded = is_reader ? readers_preload : preload;
	if (pass && users_preload) {
		static char both[4096];
		if ((size_t)snprintf(both, sizeof both, "%s:%s", loaded, users_preload) < sizeof both) loaded = both;
		else {
			TRACE("%s is not looked into: its LD_PRELOAD is too long", program);
			pass = 0;
		}
	}
	const char *place = job ? job + strlen("LOGLIN_JOB=") : ll_getenv(envp, "LOGLIN_JOB=");
	char *carried = ours && !launcher ? carrier(program, place, users_preload) : NULL;
	if (carried) loaded = carried;
	static char reaped[] = "LOGLIN_REAPED=1";
	struct hook_entries hook = {0};
	if (ours && !launcher) report_unsplit(program);
	/* Not in a scrubbed environment: a hook's shim could not hide there the variables that it needs. */
	if ((pass || (ours && !launcher)) && !scrubbed && has_hook_entries(program))
		read_hook_entries(&hook, program, envp);
	size_t n = 0;
	for (size_t i = 0; envp && envp[i]; i++) {
		char *entry = envp[i];
		if (ll_is_tool) {
			if (starts(entry, "LOGLIN_TARGET=") || starts(entry, "LOGLIN_RECIPE=") ||
				starts(entry, "LOGLIN_NEWER=") || starts(entry, "LOGLIN_NEEDS=") ||
				starts(entry, "LOGLIN_GOALS="))
				continue;
			if (starts(entry, ll_makefiles)) { /* ours, or ours, a blank and the user's */
				static char users[4096];
				const char *rest = entry + strlen(ll_makefiles);
				if (*rest != ' ' || strlen(rest) + 12 > sizeof users) continue;
				snprintf(users, sizeof users, "MAKEFILES=%s", rest + 1);
				entry = users;
			}
		}
		if (job && starts(entry, "LOGLIN_JOB=")) entry = job;
		if ((pass || carried) && starts(entry, "LD_PRELOAD=")) continue;
		for (size_t k = 0; entry && k < hook.count; k++)
			if (strncmp(entry, hook.entries[k], name_length(hook.entries[k])) == 0) entry = NULL;
		if (entry) room[n++] = entry;
	}
	for (size_t k = 0; k < hook.count; k++) room[n++] = hook.entries[k];
	if (pass && is_shim(program)) room[n++] = reaped;
	if (pass && scrubbed) {
		static char build_entry[sizeof ll_build + 16], job_entry[sizeof ll_job + 16];
		static char mark[sizeof ll_trace_file + 16];
		snprintf(build_entry, sizeof build_entry, "LOGLIN_BUILD=%s", ll_build);
		snprintf(job_entry, sizeof job_entry, "LOGLIN_JOB=%s", ll_job);
		snprintf(mark, sizeof mark, "LOGLIN_SCRUBBED=%s", *ll_trace_file ? ll_trace_file : "1");
		room[n++] = build_entry;
		room[n++] = job ? job : job_entry;
		room[n++] = mark;
	}
	if (pass || carried) room[n++] = loaded;
	room[n] = NULL;
	return room;
}

/* Is this the start of a tool that is split by what it prints? first: its first word, if only that begins a
 * build. */
static int is_announced(const char *tool, const char *program, char *const argv[], const char *first) {
	if (strcmp(ll_base_name(program), tool) != 0 || !argv[0]) return 0;
	if (first && (!argv[1] || strcmp(argv[1], first) != 0)) return 0;
	/* A shell tries each folder of the PATH. */
	if (syscall(SYS_faccessat, AT_FDCWD, program, X_OK) != 0) return 0;
	return ll_is_hooked(tool) && ll_is_slot(1) && ll_alive();
}

static void announce(char kind, char *const argv[]) {
	char cwd[4096];
	struct record r;
	record_start(&r);
	record_add(&r, ll_job);
	record_addf(&r, "%d", (int)getpid());
	record_addf(&r, "%lld", ll_now());
	record_add(&r, getcwd(cwd, sizeof cwd) ? cwd : "");
	for (size_t i = 0; argv[i]; i++) record_add(&r, argv[i]);
	record_send(&r, 1, kind);
}

void ll_announce(const char *program, char *const argv[]) {
	if (is_announced("go", program, argv, "test")) announce('o', argv);
	if (is_announced("tup", program, argv, NULL)) announce('j', argv);
}

char *const *static_ninja_env(char **room, char *const envp[], const char *program, char *const argv[]) {
	static const char kind[] = "NINJA_STATUS=";
	static char entry[1024];
	char id[64], cwd[4096];
	struct record r;
	/* samurai prints its status lines too early. A shell tries each folder of the PATH, so the file may
	 * not exist. */
	const char *name = ll_base_name(program);
	if (!starts(name, "ninja") || !ll_ninja_name(name)) return envp;
	if (syscall(SYS_faccessat, AT_FDCWD, program, X_OK) != 0) return envp;
	if (is_launcher(program, 0) || !ll_is_hooked("ninja") || !ll_is_slot(1) || !ll_alive()) return envp;
	const char *users = ll_getenv(envp, kind);
	snprintf(id, sizeof id, "%d.%llx", (int)getpid(), ll_now());
	if (!ll_status_record(entry, sizeof entry, kind, id, users ? users : "[%f/%t] ")) return envp;
	record_start(&r);
	record_add(&r, id);
	record_add(&r, ll_job);
	record_addf(&r, "%lld", ll_now());
	record_add(&r, getcwd(cwd, sizeof cwd) ? cwd : "");
	for (size_t i = 0; argv[i]; i++) record_add(&r, argv[i]);
	record_send(&r, 1, 'V');
	size_t n = 0;
	for (size_t i = 0; envp && envp[i]; i++)
		if (!starts(envp[i], kind)) room[n++] = envp[i];
	room[n++] = entry;
	room[n] = NULL;
	return room;
}

/* Works in place: under musl, main gets the array as the kernel made it. */
int ll_hide(void) {
	for (size_t i = 0; environ && environ[i]; i++) {
		if (!starts(environ[i], "LD_PRELOAD=")) continue;
		char *value = environ[i] + strlen("LD_PRELOAD="), *end = value + strcspn(value, ": ");
		char *mark = strstr(value, "/loglin-"), *name = end;
		while (name > value && name[-1] != '/') name--;
		if (!mark || mark > end || !(starts(name, "lib.so") || starts(name, "readers.so"))) continue;
		if (*end) {
			memmove(value, end + 1, strlen(end + 1) + 1);
		} else {
			size_t j = i;
			do environ[j] = environ[j + 1];
			while (environ[j++]);
			ll_env_room = 1;
		}
		return 1;
	}
	return 0;
}

void ll_scrub(void) {
	if (!ll_getenv(environ, "LOGLIN_SCRUBBED=")) return;
	size_t kept = 0;
	for (size_t i = 0; environ[i]; i++)
		if (!starts(environ[i], "LOGLIN_SCRUBBED=") && !starts(environ[i], "LOGLIN_BUILD=") &&
			!starts(environ[i], "LOGLIN_JOB="))
			environ[kept++] = environ[i];
	environ[kept] = NULL;
	ll_env_room = 1;
}

/* Prepares what only launches need: most shells launch nothing. */
void ll_prepare(void) {
	if (*preload) return;
	snprintf(preload, sizeof preload, "LD_PRELOAD=%s/lib.so", ll_build);
	snprintf(readers_preload, sizeof readers_preload, "LD_PRELOAD=%s/readers.so", ll_build);
	snprintf(ll_makefiles, sizeof ll_makefiles, "MAKEFILES=%s/loglin.mk", ll_build);
}
