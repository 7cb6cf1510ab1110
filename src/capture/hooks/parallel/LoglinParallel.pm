# The capture library loads this into GNU parallel (with PERL5OPT, which is restored). It reports each job to
# loglin, and gives it a slot.
#
# If parallel only passes the output on (--ungroup, or the usual grouping), the job itself writes to its slot,
# so its output is shown as it comes. If parallel does more with the output (--tag, --joblog, --results,
# --retries, …), nothing changes for the job, but parallel prints its output to the job's slot, and what runs
# in the job has its output passed on to parallel's files. Records: src/capture/wire.ts and framing.ts.
package LoglinParallel;

use strict;
# Nothing that goes wrong here may show in the build's output.
no warnings;
use Fcntl;

my ($build, $nonce, $parents_slot);

BEGIN {
    my $folder = __FILE__;
    $folder =~ s{/[^/]*$}{};
    @INC = grep { $_ ne $folder } @INC;
    $ENV{PERL5OPT} =~ s/^-I\S+ -MLoglinParallel ?// if defined $ENV{PERL5OPT};
    delete $ENV{PERL5OPT} if ($ENV{PERL5OPT} // '') eq '';
}

# At INIT all of parallel is compiled, and none of it has run.
INIT {
    $build = $ENV{LOGLIN_BUILD} // '';
    ($nonce) = $build =~ /-([0-9a-f]{16})$/;
    ($parents_slot) = ($ENV{LOGLIN_JOB} // '') =~ m{^([^/+]+)};
    my @needed = qw(start openoutputfiles print set_endtime set_fh fh);
    hook() if $nonce && defined $parents_slot && !grep { !defined &{"Job::$_"} } @needed;
}

my $count = 0;

sub hook {
    my ($start, $open, $print, $set_endtime) =
	(\&Job::start, \&Job::openoutputfiles, \&Job::print, \&Job::set_endtime);
    *Job::openoutputfiles = sub {
	my ($job) = @_;
	$open->(@_);
	eval { report_start($job) } unless $opt::dryrun || $opt::sqlmaster;
    };
    *Job::start = sub {
	my ($job) = @_;
	# LOGLIN_JOB, which report_start sets to the job's place, is only for what the job starts.
	local $ENV{LOGLIN_JOB} = $ENV{LOGLIN_JOB};
	my $started = $start->(@_);
	my $state = $job->{loglin};
	close $_ for @{(delete $state->{handles}) // []};
	report_end($state) if $state && !$started;
	return $started;
    };
    *Job::set_endtime = sub {
	my ($job, $time) = @_;
	$set_endtime->(@_);
	my $state = $job->{loglin};
	return unless $state && defined $time;
	my $exit = $job->{exitstatus} // 0;
	# -1: timed out; -2: skipped.
	$state->{status} = $job->{exitsignal} ? -$job->{exitsignal} : $exit >= 0 ? $exit : $exit == -2 ? 0 : '';
	$state->{ended} = now();
	report_end($state) unless $state->{late};
    };
    *Job::print = sub {
	my ($job) = @_;
	my $state = $job->{loglin};
	return $print->(@_) unless $state && $state->{late};
	my $result;
	{
	    $state->{slot} //= use_slot($state);
	    local $Global::fh{1} = $state->{slot} || $Global::fh{1};
	    local $Global::fh{2} = $state->{slot} && is_slot($Global::fh{2}) ? $state->{slot} : $Global::fh{2};
	    $result = $print->(@_);
	}
	report_end($state) if defined $state->{status};
	return $result;
    };
}

sub report_start {
    my ($job) = @_;
    # Ends the last try of a job that is retried: parallel prints nothing of it.
    report_end($job->{loglin}) if $job->{loglin};
    my $out = is_slot($Global::fh{1});
    my $err = is_slot($Global::fh{2});
    my $id = "p$$." . ++$count . sprintf('.%x', now());
    my $state = $job->{loglin} = { id => $id };
    $state->{late} = $out && !passes_on();
    my $slot = '-';
    if (!$state->{late} && ($out || $err) && defined(my $name = take_slot())) {
	my @handles;
	for my $fd ($out ? 1 : (), $err ? 2 : ()) {
	    my $handle = open_slot($name) or last;
	    $job->set_fh($fd, 'w', $handle);
	    push @handles, $handle;
	}
	$state->{handles} = \@handles;
	$slot = $name if @handles;
    }
    note_files($job, $state) if $state->{late};
    my $command = $job->{commandline}{replaced} // $job->{wrapped} // '';
    # The record needs bytes, but perl may have decoded the command.
    utf8::encode($command) if utf8::is_utf8($command);
    (my $name = $command) =~ s/^\s+|\s+$//g;
    record('a', $id, $ENV{LOGLIN_JOB}, $slot, $out ? 1 : 0, now(), $name, $command);
    $ENV{LOGLIN_JOB} = ($slot eq '-' ? $parents_slot : $slot) . "/$id";
}

# Notes the files that a job writes to and parallel reads. What runs in the job can then have slots, and the
# recorder writes into the files what arrives there (library/pipes.c), after what others have written: so
# all have to append.
sub note_files {
    my ($job, $state) = @_;
    for my $fd (1, 2) {
	my $handle = $job->fh($fd, 'w') or next;
	my ($device, $inode) = stat $handle or next;
	next unless -f _;
	fcntl($handle, F_SETFL, O_RDWR | O_APPEND) or next;
	# As the kernel has it: the C library's number has the bits of both in turns (makedev(3)).
	my ($major, $minor) = (($device >> 8) & 0xfff, ($device & 0xff) | (($device >> 12) & 0xfff00));
	my $note = "$build/f.$major.$minor.$inode";
	sysopen(my $made, $note, O_WRONLY | O_CREAT, 0600) or next;
	push @{$state->{notes}}, $note;
    }
}

# Does parallel only print a job's output, unchanged and once?
sub passes_on {
    return 1 if $opt::ungroup;
    return !(
	defined $opt::tag || defined $opt::tagstring || $opt::color || $Global::color || $opt::colorfailed ||
	$opt::files || $opt::results || $opt::compress || $opt::compress_program ||
	$Global::linebuffer || $opt::latestline || $opt::tmux || $Global::joblog || $opt::joblog ||
	defined $opt::retries || $Global::csvsep || $Global::jsonout || $Global::membuffer ||
	$Global::parset || $opt::sqlworker
    );
}

sub use_slot {
    my ($state) = @_;
    my $name = take_slot() // return 0;
    my $handle = open_slot($name) or return 0;
    record('b', $state->{id}, $name);
    return $handle;
}

sub report_end {
    my ($state) = @_;
    return if $state->{end_reported}++;
    close delete $state->{slot} if $state->{slot};
    unlink @{$state->{notes} // []};
    record('d', $state->{id}, $state->{status} // '', $state->{ended} // now());
}

sub now {
    return int(main::now() * 1_000_000);
}

sub is_slot {
    my ($handle) = @_;
    my @slot = stat "$build/s/$parents_slot" or return 0;
    my @file = stat($handle // return 0) or return 0;
    return $file[0] == $slot[0] && $file[1] == $slot[1];
}

# Takes a free slot. The FIFO "free" holds the numbers of the free slots, 8 bytes each.
sub take_slot {
    sysopen(my $free, "$build/free", O_RDONLY | O_NONBLOCK) or return undef;
    my $readable = '';
    vec($readable, fileno $free, 1) = 1;
    select($readable, undef, undef, 0.5);
    my $read = sysread $free, my $token, 8;
    return defined $read && $read == 8 ? 0 + $token : undef;
}

# Opens a slot for writing; undef if the recorder is gone, since nobody reads.
sub open_slot {
    my ($name) = @_;
    sysopen(my $handle, "$build/s/$name", O_WRONLY | O_NONBLOCK) or return undef;
    fcntl($handle, F_SETFL, O_WRONLY);
    my $before = select $handle;
    $| = 1;
    select $before;
    return $handle;
}

# Sends a record in parallel's own output if that goes to the log, else over the control FIFO.
sub record {
    my ($kind, @fields) = @_;
    local ($!, $?, $@);
    local $SIG{PIPE} = 'IGNORE';
    s/([\x00-\x1f\x7f%])/sprintf('%%%02x', ord $1)/ge for @fields;
    my $record = "\x1e$nonce$kind:" . join("\t", @fields) . "\x1f";
    # PIPE_BUF: a longer write is not atomic.
    if (length $record > 4096) {
	s/%([0-9a-f]{2})/chr hex $1/ge for @fields;
	my $name = "r.$$." . ++$count;
	sysopen(my $spool, "$build/$name", O_WRONLY | O_CREAT | O_EXCL, 0600) or return;
	print $spool join('', map { "$_\0" } @fields);
	close $spool;
	$record = "\x1e$nonce$kind\@$name\x1f";
    }
    for my $handle ($Global::fh{1}, $Global::fh{2}) {
	next unless is_slot($handle);
	my $before = select $handle;
	local $| = 1;
	select $before;
	syswrite $handle, $record;
	return;
    }
    sysopen(my $control, "$build/ctl", O_WRONLY | O_NONBLOCK) or return;
    fcntl($control, F_SETFL, O_WRONLY);
    syswrite $control, $record;
}

1;
