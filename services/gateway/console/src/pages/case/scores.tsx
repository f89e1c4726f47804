// The questionnaires of a case over time. Totals, bands and changes are the service's; where a band
// begins comes from the case's own protocol, and for PHQ-9, GAD-7 and IES-R from the instrument.
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { useState } from 'react';
import { useAsked } from '../../api/asked';
import { type Trouble, troubleOf } from '../../api/errors';
import { client } from '../../api/transport';
import type { LocalTime } from '../../gen/waymark/casework/v1/local_time_pb';
import type { MentalHealthCase } from '../../gen/waymark/mental_health/v1/mental_health_case_pb';
import { MentalHealthService } from '../../gen/waymark/mental_health/v1/mental_health_service_pb';
import {
  Change, ChangeSchema, Instrument, InstrumentSchema, type Measurement, ScreenSchema, Screen, Severity, SeveritySchema,
  TraumaPatternSchema, Validity, ValiditySchema,
} from '../../gen/waymark/mental_health/v1/measures_pb';
import type { MskCase } from '../../gen/waymark/msk/v1/msk_case_pb';
import { Band, BandSchema, type Score } from '../../gen/waymark/msk/v1/score_pb';
import { useWords, type Words } from '../../words/words';
import type { Served } from './pathways';
import { ScoreChart, type Series } from './score_chart';

type Parameters = ReadonlyMap<string, number>;

const at = (time: LocalTime | undefined) => (time?.instant ? timestampMs(time.instant) : 0);

function useParameters(door: Served, key: string, version: number): Parameters | undefined {
  const { asked } = useAsked(async (signal) => (await door.cases.listProtocols({}, { signal })).protocols, [key]);
  if (asked.state === 'loading') return undefined;
  const protocol = asked.state === 'there' ? asked.value.find((one) => one.key === key && one.version === version) : undefined;
  return new Map((protocol?.parameters ?? []).map((one) => [one.key, one.value]));
}

export function MentalHealthScores({ door, held, mayFollow }: { door: Served; held: MentalHealthCase; mayFollow: boolean }) {
  const words = useWords();
  const { t } = words;
  const parameters = useParameters(door, held.header?.protocolKey ?? '', held.header?.protocolVersion ?? 0);
  const [career, setCareer] = useState<Measurement[]>();
  const [trouble, setTrouble] = useState<Trouble>();
  const measurements = career ?? held.measurements;
  if (held.measurements.length === 0 || !parameters) return null;
  return (
    <section aria-labelledby="scores">
      <h2 className="nhsuk-heading-l" id="scores">{t('scores.title')}</h2>
      {mentalHealthSeries(words, measurements, parameters).map((series) => <ScoreChart key={series.key} series={series} />)}
      {trouble && <p className="nhsuk-error-message" role="alert">{trouble.message}</p>}
      {mayFollow && !career && (
        <button
          type="button"
          className="nhsuk-button nhsuk-button--secondary wm-button--small"
          onClick={() => {
            client(MentalHealthService)
              .getScoreTrend({ subjectId: held.header?.subjectId ?? '' })
              .then((answer) => setCareer(answer.lines.flatMap((one) => one.measurements)), (error: unknown) => setTrouble(troubleOf(error)));
          }}
        >
          {t('scores.career')}
        </button>
      )}
    </section>
  );
}

function mentalHealthSeries(words: Words, measurements: readonly Measurement[], parameters: Parameters): Series[] {
  const { t, label } = words;
  const bands: Partial<Record<Instrument, Series['bands']>> = {
    [Instrument.PHQ9]: severities(words, [[0, Severity.MINIMAL], [5, Severity.MILD], [10, Severity.MODERATE], [15, Severity.MODERATELY_SEVERE], [20, Severity.SEVERE]]),
    [Instrument.GAD7]: severities(words, [[0, Severity.MINIMAL], [5, Severity.MILD], [10, Severity.MODERATE], [15, Severity.SEVERE]]),
    [Instrument.PCL5]: screens(words, parameters.get('pcl5_borderline_from') ?? 31, parameters.get('pcl5_positive_from') ?? 33),
    [Instrument.TSQ]: [{ from: 0, name: label(ScreenSchema, Screen.NEGATIVE) }, { from: 6, name: label(ScreenSchema, Screen.POSITIVE) }],
    [Instrument.IES_R]: screens(words, 24, 33),
  };
  const most: Partial<Record<Instrument, number>> = { [Instrument.PHQ9]: 27, [Instrument.GAD7]: 21, [Instrument.PCL5]: 80, [Instrument.TSQ]: 10, [Instrument.IES_R]: 88, [Instrument.ITQ]: 48 };
  const series: Series[] = [];
  for (const { number } of InstrumentSchema.values) {
    const instrument = number as Instrument;
    const own = measurements.filter((one) => one.instrument === instrument).sort((a, b) => at(a.completedTime) - at(b.completedTime));
    if (own.length === 0) continue;
    series.push({
      key: Instrument[instrument]!,
      name: label(InstrumentSchema, instrument),
      max: most[instrument] ?? 1,
      better: 'down',
      bands: bands[instrument] ?? [{ from: 0, name: '' }],
      reliable: own.at(-1)!.reliableChange,
      points: own.map((one) => {
        // The ITQ has no total of its own: its two sums are drawn together.
        const total = one.total ?? (one.ptsdSum !== undefined && one.selfOrganisationSum !== undefined ? one.ptsdSum + one.selfOrganisationSum : undefined);
        const valid = one.validity === Validity.VALID;
        return {
          at: at(one.completedTime),
          ...(valid && total !== undefined && { total }),
          ...(!valid && { unread: label(ValiditySchema, one.validity).replace(/^\w+: /, '') }),
          band: [
            one.severity ? label(SeveritySchema, one.severity) : '',
            one.screen ? label(ScreenSchema, one.screen) : '',
            one.pattern ? label(TraumaPatternSchema, one.pattern) : '',
            // "A case from 10 on": only PHQ-9 and GAD-7 say so.
            one.caseness === 1 ? t('scores.caseness', { n: parameters.get(`${Instrument[instrument]!.toLowerCase()}_caseness_from`) ?? '' }) : '',
          ].filter(Boolean).join(', '),
          ...(one.change !== Change.UNSPECIFIED && { change: label(ChangeSchema, one.change) }),
        };
      }),
    });
  }
  return series;
}

const severities = ({ label }: Words, from: [number, Severity][]) => from.map(([start, severity]) => ({ from: start, name: label(SeveritySchema, severity) }));
const screens = ({ label }: Words, borderline: number, positive: number) => [
  { from: 0, name: label(ScreenSchema, Screen.NEGATIVE) },
  { from: borderline, name: label(ScreenSchema, Screen.BORDERLINE) },
  { from: positive, name: label(ScreenSchema, Screen.POSITIVE) },
];

export function MskScores({ door, held }: { door: Served; held: MskCase }) {
  const words = useWords();
  const parameters = useParameters(door, held.header?.protocolKey ?? '', held.header?.protocolVersion ?? 0);
  if (held.scores.length === 0 || !parameters) return null;
  return (
    <section aria-labelledby="scores">
      <h2 className="nhsuk-heading-l" id="scores">{words.t('scores.title')}</h2>
      {mskSeries(words, held.scores, parameters).map((series) => <ScoreChart key={series.key} series={series} />)}
    </section>
  );
}

function mskSeries({ label, word }: Words, scores: readonly Score[], parameters: Parameters): Series[] {
  const kinds = [
    { key: 'mskHq', name: 'field.msk_hq', max: 56, better: 'up' as const, bands: [{ from: 0, name: '' }], reliable: parameters.get('msk_hq_important_change') ?? 0 },
    {
      key: 'startBack', name: 'field.start_back', max: 9, better: 'down' as const, reliable: 0,
      bands: [
        { from: 0, name: label(BandSchema, Band.LOW_RISK) },
        // High risk is decided by the items on mind and mood, not by the total.
        { from: parameters.get('start_back_risk_from_total') ?? 4, name: `${label(BandSchema, Band.MEDIUM_RISK)} / ${label(BandSchema, Band.HIGH_RISK)}` },
      ],
    },
    {
      key: 'orebro', name: 'field.orebro', max: 100, better: 'down' as const, reliable: 0,
      bands: [{ from: 0, name: label(BandSchema, Band.LOW_RISK) }, { from: parameters.get('orebro_higher_risk_from') ?? 50, name: label(BandSchema, Band.HIGH_RISK) }],
    },
  ];
  return kinds
    .map(({ name, ...kind }) => ({
      ...kind,
      name: word(name) ?? kind.key,
      points: scores
        .filter((one) => one.answers.case === kind.key)
        .sort((a, b) => at(a.takenTime) - at(b.takenTime))
        .map((one) => ({
          at: at(one.takenTime),
          total: one.total,
          ...(one.band !== Band.UNSPECIFIED && { band: label(BandSchema, one.band) }),
          ...(one.importantChange === 1 && { change: word('field.important_change') ?? '' }),
        })),
    }))
    .filter((series) => series.points.length > 0);
}
