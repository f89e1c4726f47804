// Who could be asked: what the directory suggests, best first, or an organisation that somebody names.
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { useAsked } from '../../api/asked';
import { nowMs } from '../../api/clock';
import { client } from '../../api/transport';
import { Choice, Text } from '../../form/controls';
import type { Jurisdiction } from '../../gen/waymark/casework/v1/case_pb';
import { SuggestionWarningSchema } from '../../gen/waymark/referral/v1/directory_pb';
import { DirectoryService } from '../../gen/waymark/referral/v1/directory_service_pb';
import { Carrier } from '../../gen/waymark/referral/v1/referral_case_pb';
import type { CareService, Need } from '../../gen/waymark/referral/v1/referral_content_pb';
import { nearText } from '../../time/dates';
import { useReferralWords } from '../../words/referral';
import { freePeriods, type PartOfDay } from './free_times';

export interface ProviderTyped {
  // The service of the directory that was chosen, or "other".
  picked?: string | undefined;
  organisationCode?: string | undefined;
  organisationName?: string | undefined;
  serviceId?: string | undefined;
  serviceName?: string | undefined;
  carrier?: Carrier | undefined;
}

const kOther = 'other';
const kFirst = 6;

export function Providers({ subjectId, free = [], service, jurisdiction, clock, value, change, errorOf }: {
  subjectId: string;
  // When the patient can come; none: whenever.
  free?: PartOfDay[] | undefined;
  service: CareService;
  jurisdiction: Jurisdiction;
  clock: Pick<Partial<Need>, 'opensTime' | 'dueTime' | 'closesTime'>;
  value: ProviderTyped;
  change: (value: ProviderTyped) => void;
  errorOf: (path: string) => string | undefined;
}) {
  const { t, r, label } = useReferralWords();
  const { asked } = useAsked(
    (signal) =>
      client(DirectoryService).suggestProviders(
        { subjectId, service, jurisdiction, freeTimes: freePeriods(free, nowMs()), ...(clock.opensTime && { opensTime: clock.opensTime }), ...(clock.dueTime && { dueTime: clock.dueTime }), ...(clock.closesTime && { closesTime: clock.closesTime }) },
        { signal },
      ),
    [subjectId, service, jurisdiction, free.join()],
  );
  if (asked.state === 'loading') return <p role="status">{t('state.loading')}</p>;
  // Without the directory an organisation can still be named.
  const suggestions = asked.state === 'there' ? asked.value.suggestions.filter((one) => one.provider) : [];
  const nobody = asked.state === 'there' && asked.value.noneBeforeClose;
  const keyOf = (one: (typeof suggestions)[number]) => one.provider!.serviceId || one.provider!.organisationCode;
  const options = suggestions.map((one) => {
    const first = one.slots[0]?.startTime;
    const notes = [
      one.provider!.serviceName,
      first && r('refer_first', { when: nearText(t, timestampMs(first), nowMs()) }),
      !first && one.usualWaitDays > 0 && r('refer_wait', { n: one.usualWaitDays }),
      one.speaksWelsh && r('refer_welsh'),
      ...one.warnings.map((warning) => label(SuggestionWarningSchema, warning)),
      one.phone,
    ].filter(Boolean);
    return { value: keyOf(one), label: `${one.provider!.organisationName || one.provider!.organisationCode}: ${notes.join('; ')}` };
  });
  const picked = suggestions.length === 0 ? kOther : value.picked;
  return (
    <>
      {nobody && (
        <div className="wm-closing wm-closing--shut" role="alert">
          <strong>{r('refer_nobody')}.</strong> {r('refer_nobody_body')}
        </div>
      )}
      {suggestions.length === 0 ? (
        <p>{r('refer_none')}</p>
      ) : (
        <div className="wm-stack">
          <Choice
            name="provider"
            label={r('refer_provider')}
            hint={r('refer_provider_hint')}
            options={[...options.slice(0, kFirst), { value: kOther, label: r('refer_other') }]}
            others={options.length > kFirst ? options.slice(kFirst) : undefined}
            value={picked}
            change={(key) => {
              const found = suggestions.find((one) => keyOf(one) === key)?.provider;
              change(found ? { picked: key, organisationCode: found.organisationCode, organisationName: found.organisationName, serviceId: found.serviceId, serviceName: found.serviceName, carrier: found.carrier } : { picked: key });
            }}
            error={errorOf('provider')}
          />
        </div>
      )}
      {picked === kOther && (
        <>
          <Text name="provider.organisation_code" label={r('f_code')} value={value.organisationCode} change={(organisationCode) => change({ ...value, picked: kOther, carrier: Carrier.WAYMARK, organisationCode })} error={errorOf('provider.organisation_code') ?? (suggestions.length === 0 ? errorOf('provider') : undefined)} limit={40} />
          <Text name="provider.organisation_name" label={r('f_org')} optional value={value.organisationName} change={(organisationName) => change({ ...value, picked: kOther, carrier: Carrier.WAYMARK, organisationName })} limit={200} />
        </>
      )}
    </>
  );
}

export function providerOf(value: ProviderTyped) {
  return {
    organisationCode: (value.organisationCode ?? '').trim().toUpperCase(),
    organisationName: value.organisationName ?? '',
    serviceId: value.serviceId ?? '',
    serviceName: value.serviceName ?? '',
    carrier: value.carrier ?? Carrier.WAYMARK,
  };
}
