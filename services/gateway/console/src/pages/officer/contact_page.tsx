import { useState } from 'react';
import { useAsked } from '../../api/asked';
import { client } from '../../api/transport';
import { Choices, Flag } from '../../form/controls';
import { Problems } from '../../form/problems';
import { useSubmit } from '../../form/submit';
import { type Choices as ChoicesMessage, Route, RouteSchema } from '../../gen/waymark/workforce/v1/person_pb';
import { WorkforceService } from '../../gen/waymark/workforce/v1/workforce_service_pb';
import { BackTo } from '../../shell/back_to';
import { Page } from '../../shell/page';
import { Failed, Loading } from '../../shell/states';
import { useWords } from '../../words/words';

// How a person is reached is theirs to say.
export default function ContactPage() {
  const { t } = useWords();
  const { asked, again } = useAsked((signal) => client(WorkforceService).getMyRecord({}, { signal }), []);
  return asked.state === 'loading' ? (
    <Loading />
  ) : asked.state === 'failed' ? (
    <Failed trouble={asked.trouble} again={again} />
  ) : (
    <Page title={t('contact.title')} back={<BackTo href="/my-care">{t('nav.my_care')}</BackTo>}>
      <Routes key={String(asked.value.choicesVersion)} choices={asked.value.choices} version={asked.value.choicesVersion} reload={again} />
    </Page>
  );
}

const kRoutes = RouteSchema.values.map((one) => one.number as Route).filter((one) => one !== Route.UNSPECIFIED);

function Routes({ choices, version, reload }: { choices: ChoicesMessage | undefined; version: bigint; reload: () => void }) {
  const { t, label } = useWords();
  const [routes, setRoutes] = useState<Route[] | undefined>(choices?.routes ?? []);
  const [never, setNever] = useState<Route[] | undefined>(choices?.never ?? []);
  const [reminders, setReminders] = useState<boolean | undefined>(choices?.reminders ?? false);
  const { summary, run, sending, trouble } = useSubmit();
  const [saved, setSaved] = useState(false);
  const options = kRoutes.map((route) => ({ value: route, label: label(RouteSchema, route) }));
  const save = () => {
    setSaved(false);
    const said = {
      ...(choices && { language: choices.language, avoid: choices.avoid, avoidReasons: choices.avoidReasons }),
      routes: (routes ?? []).filter((route) => !never?.includes(route)),
      never: never ?? [],
      reminders: reminders ?? false,
    };
    void run({
      name: JSON.stringify([said.routes, said.never, said.reminders]),
      send: ({ requestId }) => client(WorkforceService).setMyChoices({ requestId, expectedVersion: version, choices: said }),
      done: () => {
        setSaved(true);
        reload();
      },
    });
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <Problems ref={summary} wrong={[]} trouble={trouble} />
      <p>{t('contact.lede')}</p>
      <Choices name="routes" label={t('contact.routes')} hint={t('contact.routes_hint')} options={options} value={routes} change={setRoutes} />
      <Choices name="never" label={t('contact.never')} hint={t('contact.never_hint')} options={options} value={never} change={setNever} />
      <Flag name="reminders" label={t('contact.reminders')} hint={t('contact.reminders_hint')} value={reminders} change={setReminders} />
      <button type="submit" className="nhsuk-button" data-go disabled={sending}>{t('contact.save')}</button>
      <p role="status">{saved && t('contact.saved')}</p>
    </form>
  );
}
