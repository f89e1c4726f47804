// Names for the people on a list: workforce alone has them, and one call asks for a whole page.
import { useEffect, useRef, useState } from 'react';
import { useSession } from '../../api/session';
import { client } from '../../api/transport';

export interface Named {
  name: string;
  // Not the name, but what stands for it.
  alias: boolean;
}

const kMost = 1000;

// Those who may not be named to the caller stay without a name; so does everybody when workforce does
// not answer, and the list goes on.
export function useNames(subjectIds: readonly string[]): ReadonlyMap<string, Named> {
  const [names, setNames] = useState<ReadonlyMap<string, Named>>(new Map());
  const asked = useRef(new Set<string>());
  const session = useSession().state;
  const unknown = [...new Set(subjectIds)].filter((id) => id !== '' && !asked.current.has(id)).slice(0, kMost);
  const key = unknown.join();
  useEffect(() => {
    if (key === '' || session !== 'signed_in') return;
    const ids = key.split(',');
    const timer = setTimeout(() => {
      for (const id of ids) asked.current.add(id);
      // The list is there before the names: what asks for them comes after the first page.
      import('../../gen/waymark/workforce/v1/workforce_service_pb')
        .then(({ WorkforceService }) => client(WorkforceService).resolveNames({ subjectIds: ids }))
        .then(
          (answer) => setNames((before) => new Map([...before, ...answer.names.map((one) => [one.subjectId, { name: one.displayName, alias: one.alias }] as const)])),
          () => undefined,
        );
    }, 50);
    return () => clearTimeout(timer);
  }, [key, session]);
  return names;
}
