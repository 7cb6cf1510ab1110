# Runs inside SCons. Reports each target that is built to loglin, and gives it a slot, which gets its commands
# and their output. Then loads the site folders that SCons would have loaded. Records: src/capture/wire.ts and
# framing.ts.
#
# Targets are reported with their needs in SCons' main thread. Their commands run in its worker threads.
import fcntl
import os
import select
import subprocess
import sys
import threading
import time

current = threading.local()


def install(names, site_init):
    try:
        log = Log()
        if log.usable:
            hook(log)
    except Exception:
        pass  # An unknown version of SCons is one job.
    load_user_site_folders(names, site_init)


def load_user_site_folders(names, site_init):
    """Does what SCons does without --site-dir."""
    import SCons.Script.Main as main

    option, _, users = os.environ.get('SCONSFLAGS', '').partition(' ')
    if option == '--site-dir=' + os.path.dirname(site_init):
        del os.environ['SCONSFLAGS']
        if users:
            os.environ['SCONSFLAGS'] = users
    folder = os.path.abspath(os.path.dirname(site_init))
    sys.path[:] = [entry for entry in sys.path if entry != folder]
    loading = sys._getframe(1)
    while loading and 'topdir' not in loading.f_locals:
        loading = loading.f_back
    # Every SConscript gets the names that a site_init leaves behind: leave none.
    for name in [name for name in names if not name.startswith('__')]:
        del names[name]
    if loading is None:
        return
    options = loading.f_back.f_locals.get('options') if loading.f_back else None
    if options is not None:
        options.site_dir = None
    main._load_all_site_scons_dirs(loading.f_locals['topdir'])


def hook(log):
    import SCons.Action
    import SCons.Node.FS
    import SCons.Platform.posix as posix
    from SCons.Script.Main import BuildTask

    needs_execute = BuildTask.needs_execute
    execute = BuildTask.execute
    exec_subprocess = posix.exec_subprocess
    print_cmd_line = SCons.Action._ActionAction.print_cmd_line

    def our_needs_execute(self):
        needed = needs_execute(self)
        if needed and SCons.Action.execute_actions:
            try:
                node = self.targets[0]
                executor = node.get_executor()
                # Folders are no jobs: users do not want to read of them.
                if executor and executor.get_action_list() and not isinstance(node, SCons.Node.FS.Dir):
                    self.loglin_job = Job(log, node)
            except Exception:
                pass
        return needed

    def our_execute(self):
        job = current.job = getattr(self, 'loglin_job', None)
        status = 0
        try:
            return execute(self)
        except BaseException as error:
            status = getattr(error, 'status', None)
            if not isinstance(status, int) or status == 0:
                status = 2
            raise
        finally:
            current.job = None
            if job:
                job.end(status)

    def our_exec_subprocess(l, env):
        job = getattr(current, 'job', None)
        if not job:
            return exec_subprocess(l, env)
        # A construction environment does not have the variables of SCons' own environment.
        env = dict(env)
        env['LOGLIN_BUILD'] = log.build
        env['LOGLIN_JOB'] = job.place
        job.step(l)
        out = job.slot if log.out else None
        err = job.slot if log.err else None
        return subprocess.Popen(l, env=env, close_fds=True, stdout=out, stderr=err).wait()

    def our_print_cmd_line(self, s, target, source, env):
        job = getattr(current, 'job', None)
        if not job or job.slot is None or not log.out:
            print_cmd_line(self, s, target, source, env)
        else:
            job.print_line(s + '\n', isinstance(self, SCons.Action.CommandAction))

    BuildTask.needs_execute = our_needs_execute
    BuildTask.execute = our_execute
    posix.exec_subprocess = our_exec_subprocess
    SCons.Action._ActionAction.print_cmd_line = our_print_cmd_line


class Job:
    """A target being built."""

    count = 0

    def __init__(self, log, node):
        Job.count += 1
        self.log = log
        self.id = 'x%d.%d' % (os.getpid(), Job.count)
        # A command's line that is not printed yet: the command may show it itself (step).
        self.pending_line = ''
        slot, self.slot = log.take_slot() if log.out or log.err else ('-', None)
        self.place = '%s/%s' % (log.slot if slot == '-' else slot, self.id)
        needs = [path_of(need) for need in node.children() if need.is_derived()]
        shown = '1' if log.out else '0'
        pid, folder = str(os.getpid()), os.getcwd()
        log.send('e', [self.id, log.place, slot, shown, now(), pid, folder, path_of(node), *needs])

    def print_line(self, text, of_command):
        if self.pending_line:
            write_all(self.slot, self.pending_line)
        self.pending_line = ''
        if of_command:
            self.pending_line = text
        else:
            write_all(self.slot, text)

    def step(self, argv):
        # The line is the command unless the user has set another text (CCCOMSTR and the like).
        shown = self.pending_line if bare(self.pending_line) == bare(argv[-1]) else ''
        if self.pending_line and not shown:
            write_all(self.slot, self.pending_line)
        self.pending_line = ''
        self.log.send('g', [self.id, now(), shown, *argv], self.slot)

    def end(self, status):
        if self.pending_line:
            write_all(self.slot, self.pending_line)
        if self.slot is not None:
            os.close(self.slot)
        self.log.send('h', [self.id, str(status), now()])


class Log:
    """SCons' own place in the log, and its connection to the recorder."""

    def __init__(self):
        self.build = os.environ.get('LOGLIN_BUILD', '')
        self.place = os.environ.get('LOGLIN_JOB', '')
        self.slot = self.place.split('/')[0].split('+')[0]
        self.nonce = self.build.rpartition('-')[2]
        self.spools = 0
        self.lock = threading.Lock()
        self.usable = len(self.nonce) == 16 and '/' in self.place and os.path.exists(self.build + '/ctl')
        self.out = self.is_slot(1)
        self.err = self.is_slot(2)

    def is_slot(self, fd):
        try:
            return os.path.samestat(os.fstat(fd), os.stat('%s/s/%s' % (self.build, self.slot)))
        except OSError:
            return False

    def take_slot(self):
        """The FIFO "free" holds the numbers of the free slots, 8 bytes each."""
        try:
            free = os.open(self.build + '/free', os.O_RDONLY | os.O_NONBLOCK)
            try:
                select.select([free], [], [], 0.5)
                name = os.read(free, 8).decode().strip()
            finally:
                os.close(free)
            # Fails if the recorder is gone, since nobody reads.
            slot = os.open('%s/s/%s' % (self.build, name), os.O_WRONLY | os.O_NONBLOCK)
            fcntl.fcntl(slot, fcntl.F_SETFL, 0)
            return name, slot
        except OSError:
            return '-', None

    def send(self, kind, fields, slot=None):
        try:
            sys.stdout.flush()
            record = '\x1e%s%s:%s\x1f' % (self.nonce, kind, '\t'.join(map(escaped, fields)))
            # PIPE_BUF: a longer write is not atomic.
            if len(encoded(record)) > 4096:
                with self.lock:
                    self.spools += 1
                    name = 'r.%d.%d' % (os.getpid(), self.spools)
                with open('%s/%s' % (self.build, name), 'xb') as spool:
                    spool.write(b''.join(encoded(field) + b'\0' for field in fields))
                record = '\x1e%s%s@%s\x1f' % (self.nonce, kind, name)
            if slot is not None or self.out or self.err:
                write_all(slot if slot is not None else 1 if self.out else 2, record)
                return
            control = os.open(self.build + '/ctl', os.O_WRONLY | os.O_NONBLOCK)
            fcntl.fcntl(control, fcntl.F_SETFL, 0)
            write_all(control, record)
            os.close(control)
        except OSError:
            pass  # The recorder is gone.


def path_of(node):
    return os.path.abspath(str(node))


def bare(command):
    """A command as it is printed lacks the quotes that it is run with."""
    return command.replace('"', '').replace('\\', '').strip()


def now():
    return str(int(time.time() * 1000000))


def encoded(text):
    return text.encode('utf-8', 'surrogateescape')


def escaped(field):
    return ''.join('%%%02x' % ord(c) if c < ' ' or c in '\x7f%' else c for c in field)


def write_all(fd, text):
    data = encoded(text)
    while data:
        data = data[os.write(fd, data) :]
