// What can be logged under each pathway besides an exposure to blood, and how each is asked.
import type { Key } from '../../words/en';
import type { Pathway } from '../case/pathways';

export interface Kind {
  method: string;
  name: Key;
  // The field of the request that holds the people; none: the request is about one, by subject_id.
  people?: 'one' | 'many';
  // What the form begins with, by the API's names of enum values.
  begin?: Readonly<Record<string, string>>;
  // Not asked for here.
  hidden?: readonly string[];
  // The part of the answers that the path is previewed from, and what it takes. None: no preview.
  preview?: { take: 'top' | 'person'; fields: readonly string[]; needs: readonly string[]; wait: Key };
  // What the first deadline is.
  receipt: 'assess' | 'contact';
}

export const kKinds: Readonly<Record<Exclude<Pathway, 'bbv'>, readonly Kind[]>> = {
  mental_health: [
    {
      method: 'LogTraumaticIncident',
      name: 'log.mental.incident',
      people: 'many',
      hidden: ['involvement', 'incident_id'],
      begin: { 'incident.handling': 'TRIM' },
      preview: { take: 'top', fields: ['incident'], needs: ['incident.occurredTime', 'incident.kind'], wait: 'forming.wait_incident' },
      receipt: 'contact',
    },
    { method: 'OpenReferral', name: 'log.mental.referral', begin: { origin: 'MANAGEMENT' }, receipt: 'contact' },
    { method: 'SelfRefer', name: 'log.mental.self', hidden: ['agreed'], receipt: 'contact' },
    { method: 'OpenPostvention', name: 'log.mental.postvention', people: 'many', receipt: 'contact' },
    { method: 'OpenSurveillance', name: 'log.mental.surveillance', receipt: 'contact' },
  ],
  msk: [
    {
      method: 'LogInjury',
      name: 'log.kind.msk',
      people: 'one',
      preview: {
        take: 'person',
        fields: ['injury', 'red_flags'],
        needs: ['injury.incidentTime', 'injury.region', 'injury.mechanism'],
        wait: 'forming.wait_injury',
      },
      receipt: 'contact',
    },
  ],
  dental: [
    {
      method: 'LogDentalInjury',
      name: 'log.kind.dental',
      people: 'one',
      preview: { take: 'person', fields: ['injury'], needs: ['injury.incidentTime', 'injury.mechanism'], wait: 'forming.wait_dental' },
      receipt: 'contact',
    },
  ],
};
