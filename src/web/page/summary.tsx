// The first page: how the build went, what failed by itself and why, what is new, what took long.

import type { ComponentChildren, JSX } from 'preact';
import { byteCount, duration } from '../../render/formats.ts';
import type { JobNumber, Position, ProblemRow, Summary } from '../protocol.ts';
import { useCell } from './cell.ts';
import { Icon, Mark } from './icons.tsx';
import { counted, markOf } from './marks.ts';
import type { Page } from './page.ts';

export function SummaryView({ page }: { page: Page }): JSX.Element {
  const summary = useCell(page.summary);
  if (!summary) return <div class="summary" aria-busy="true" />;
  return (
    <div class="summary" tabIndex={0} role="region" aria-label="Summary" data-pane="main">
      <div class="summary-page">
        <Verdict summary={summary} />
        <Failures page={page} summary={summary} />
        <Problems page={page} summary={summary} />
        <div class="columns">
          <Slowest page={page} summary={summary} />
          <Parallelism summary={summary} />
        </div>
      </div>
    </div>
  );
}

function Verdict({ summary }: { summary: Summary }): JSX.Element {
  const { standing, verdict, command, jobs, failed, running, bytes } = summary;
  return (
    <header class={`verdict ${standing}`}>
      <Mark kind={markOf(standing)} size={28} />
      <div class="grow">
        <h1>{verdict.charAt(0).toUpperCase() + verdict.slice(1)}</h1>
        <p class="mono command">{command}</p>
        <p class="soft facts">
          <span>{counted(jobs, 'job')}</span>
          {failed > 0 && <span class="red">{failed.toLocaleString('en')} failed</span>}
          {running > 0 && <span class="purple">{running.toLocaleString('en')} running</span>}
          <span>{byteCount(bytes)}B of logs</span>
        </p>
      </div>
    </header>
  );
}

interface SectionProps {
  readonly title: string;
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}

function Section({ title, aside, children }: SectionProps): JSX.Element {
  return (
    <section aria-label={title} class="section">
      <h2>
        {title} {aside !== undefined && <span class="soft aside">{aside}</span>}
      </h2>
      {children}
    </section>
  );
}

interface Part {
  readonly page: Page;
  readonly summary: Summary;
}

/** A link to a job, at a place in its log. */
function JobLink(props: {
  readonly page: Page;
  readonly job: JobNumber;
  readonly position?: Position;
  readonly class?: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  const { page, job, position, children } = props;
  return (
    <button
      type="button"
      class={props.class ?? 'job-link'}
      onClick={() => void page.showJob(job, { position })}
    >
      {children}
    </button>
  );
}

function Failures({ page, summary }: Part): JSX.Element | null {
  const { failures, rootFailures, standing } = summary;
  if (failures === 0) return null;
  const title = standing === 'running' ? 'Failed so far' : 'What failed by itself';
  const more = failures - rootFailures.length;
  return (
    <Section title={title} aside={failures > 1 ? failures.toLocaleString('en') : undefined}>
      <ul class="cards">
        {rootFailures.map(({ job, name, status, ms, firstError }) => (
          <li key={job}>
            <JobLink
              page={page}
              job={job}
              class="card"
              {...(firstError && { position: { job, byte: firstError.byte } })}
            >
              <span class="card-head">
                <Mark kind="failed" />
                <span class="cut strong">{name}</span>
                <span class="soft">{status}</span>
                <span class="grow" />
                <span class="soft took">{duration(ms)}</span>
              </span>
              {firstError && <Reported problem={firstError} />}
            </JobLink>
          </li>
        ))}
      </ul>
      {more > 0 && (
        <button type="button" class="button" onClick={() => void page.listJobs({ failed: true })}>
          and {more.toLocaleString('en')} more: list all that failed
        </button>
      )}
    </Section>
  );
}

/** What a tool reported, in its own words. */
function Reported({ problem }: { problem: ProblemRow }): JSX.Element {
  const { severity, where, tool, message } = problem;
  return (
    <span class="reported mono">
      <span class="strong">{where ?? tool}:</span>{' '}
      <span class={severity === 'error' ? 'red strong' : 'amber strong'}>{severity}:</span> {message}
    </span>
  );
}

function Problems({ page, summary: { problems, standing, unread, bytes } }: Part): JSX.Element {
  if (unread)
    return (
      <Section title="Problems">
        <p>
          <a href={page.href({ kind: 'problems' })}>Look for errors and warnings</a>{' '}
          <span class="soft">in {byteCount(bytes)}B of logs</span>
        </p>
      </Section>
    );
  if (!problems)
    return (
      <Section
        title="Problems"
        aside={standing === 'running' ? 'counted when it has ended' : 'the logs are being read'}
      >
        {' '}
        {null}
      </Section>
    );
  const { errors, warnings, more, kinds, newErrors, newWarnings, newOnes } = problems;
  if (errors + warnings === 0)
    return (
      <Section title="Problems">
        <p class="soft">{more ? 'None so far; not all was read' : 'No errors, no warnings'}</p>
      </Section>
    );
  const plus = more ? '+' : '';
  const fresh = (newErrors ?? 0) + (newWarnings ?? 0);
  return (
    <>
      {newOnes && newOnes.length > 0 && (
        <Section title="New since the build before" aside={fresh.toLocaleString('en')}>
          <ProblemList page={page} rows={newOnes.map((first) => ({ first, count: 0 }))} />
        </Section>
      )}
      <Section
        title="Problems"
        aside={
          <>
            {errors > 0 && <span class="red">{`${counted(errors, 'error')}${plus}`}</span>}
            {errors > 0 && warnings > 0 && ', '}
            {warnings > 0 && <span class="amber">{`${counted(warnings, 'warning')}${plus}`}</span>}
          </>
        }
      >
        <ProblemList page={page} rows={kinds} />
        <button type="button" class="button more" onClick={() => page.goView({ kind: 'problems' })}>
          List all <Icon name="right" size={14} />
        </button>
      </Section>
    </>
  );
}

function ProblemList(props: {
  readonly page: Page;
  readonly rows: readonly { readonly first: ProblemRow; readonly count: number }[];
}): JSX.Element {
  const { page, rows } = props;
  return (
    <ul class="kinds">
      {rows.map(({ first, count }, i) => (
        <li key={i}>
          <JobLink page={page} job={first.job} position={{ job: first.job, byte: first.byte }} class="kind">
            <span class={`count-of ${first.severity === 'error' ? 'red' : 'amber'}`}>
              {count > 0 ? count.toLocaleString('en') : ''}
            </span>
            <span class={first.severity === 'error' ? 'red' : 'amber'}>
              <Icon name={first.severity === 'error' ? 'failed' : 'problems'} size={14} />
            </span>
            <span class="hidden-text">{first.severity}</span>
            <span class="cut said">{first.message}</span>
            {first.code !== undefined && <span class="soft mono code">{first.code}</span>}
            <span class="grow" />
            <span class="soft mono cut place">{first.where ?? first.jobName}</span>
          </JobLink>
        </li>
      ))}
    </ul>
  );
}

function Slowest({ page, summary: { slowest, ms, standing } }: Part): JSX.Element | null {
  if (slowest?.length === 0 || (!slowest && standing === 'running')) return null;
  return (
    <Section title="Slowest jobs" aside={slowest ? 'by their own time' : 'being measured'}>
      <ul class="slowest">
        {slowest?.map(({ job, name, selfMs, from, to, standing: stands }) => (
          <li key={job}>
            <JobLink page={page} job={job} class="slow">
              <span class="took">{duration(selfMs)}</span>
              <span class="track" role="img" aria-label={`from ${duration(from)} to ${duration(to)}`}>
                <span
                  class={`run${stands === 'failed' ? ' failed' : ''}`}
                  style={{
                    left: `${(100 * from) / Math.max(1, ms)}%`,
                    width: `${(100 * (to - from)) / Math.max(1, ms)}%`,
                  }}
                />
              </span>
              <span class="cut">{name}</span>
            </JobLink>
          </li>
        ))}
      </ul>
    </Section>
  );
}

const CHART_WIDTH = 400;
const CHART_HEIGHT = 88;

function Parallelism({ summary: { parallelism, ms } }: { summary: Summary }): JSX.Element | null {
  if (!parallelism || ms <= 0) return null;
  const { average, most, leastMs, chart } = parallelism;
  const top = Math.max(1, most, ...chart);
  const step = CHART_WIDTH / Math.max(1, chart.length);
  const y = (value: number): string => (CHART_HEIGHT - (value / top) * (CHART_HEIGHT - 2)).toFixed(1);
  const line = chart.map((value, i) => `H${(i * step).toFixed(1)}V${y(value)}`).join('');
  const share = Math.round((100 * leastMs) / ms);
  return (
    <Section title="Parallelism" aside={`${average.toFixed(1)} jobs at once on average, ${most} at most`}>
      <svg
        class="chart"
        viewBox={`0 0 ${CHART_WIDTH} ${CHART_HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`How many jobs ran at once: ${average.toFixed(1)} on average, ${most} at most`}
      >
        <path d={`M0 ${CHART_HEIGHT}${line}H${CHART_WIDTH}V${CHART_HEIGHT}Z`} />
      </svg>
      <div class="chart-axis soft">
        <span>0</span>
        <span>{duration(ms)}</span>
      </div>
      <p class="soft">
        However many ran at once, it could not take less than {duration(leastMs)} ({share} %): the critical
        path.
      </p>
    </Section>
  );
}
