// What the preview of a referral calls each field, by its path, and says of why it leaves or does not. The
// service says both in English.
import type { Lang, Pair } from './words';

export const previewLabels: Record<string, Pair> = {
  'patient.name': ['Name', 'Enw'],
  'patient.birth_date': ['Date of birth', 'Dyddiad geni'],
  'patient.sex': ['Sex', 'Rhyw'],
  'patient.nhs_number': ['NHS number', 'Rhif GIG'],
  'patient.nhs_number_status': ['How sure the NHS number is', 'Pa mor sicr yw’r rhif GIG'],
  'patient.routes': ['How to reach the patient', 'Sut i gyrraedd y claf'],
  'patient.language': ['Language', 'Iaith'],
  need: ['What is needed', 'Yr hyn sydd ei angen'],
  'need.code': ['What is asked for, coded', 'Yr hyn y gofynnir amdano, fel cod'],
  'need.priority': ['How soon', 'Pa mor fuan'],
  'need.jurisdiction': ['Whose access standards hold', 'Safonau mynediad pa wlad sy’n berthnasol'],
  'need.anchor': ['Counted from', 'Yn cyfrif o'],
  'need.opens_time': ['Can be given from', 'Gellir ei roi o'],
  'need.due_time': ['Should be given by', 'Dylid ei roi erbyn'],
  'need.closes_time': ['Window shuts', 'Mae’r ffenestr yn cau'],
  'need.waiting_times': ['Waiting since', 'Yn aros ers'],
  question: ['Your question', 'Eich cwestiwn'],
  safety_needs: ['Around the visit', 'O gwmpas yr ymweliad'],
  referrer: ['Referrer', 'Atgyfeiriwr'],
  consent: ['On what basis', 'Ar ba sail'],
  employer: ['Employer', 'Cyflogwr'],
  work_contacts: ['Work telephone, email and address', 'Ffôn, e-bost a chyfeiriad gwaith'],
};

const kWhys: Pair[] = [
  ['So that the provider treats the right person.', 'Er mwyn i’r darparwr drin y person cywir.'],
  ['An alias: the patient is protected.', 'Ffugenw: mae’r claf wedi’i warchod.'],
  ['Withheld: the patient goes under an alias.', 'Wedi’i gadw yn ôl: mae’r claf yn mynd dan ffugenw.'],
  ['Withheld by you.', 'Cadwyd yn ôl gennych chi.'],
  ['Withheld: it says where the patient works.', 'Wedi’i gadw yn ôl: mae’n dweud ble mae’r claf yn gweithio.'],
  ['Left out: a referral holds 60 of these. Withhold others, or tell them.', 'Wedi’i adael allan: mae atgyfeiriad yn dal 60 o’r rhain. Cadwch rai eraill yn ôl, neu dywedwch wrthynt.'],
  ['Not known.', 'Ddim yn hysbys.'],
  ['Not known, or in doubt.', 'Ddim yn hysbys, neu mewn amheuaeth.'],
  ['So that the provider knows whether to trace it.', 'Er mwyn i’r darparwr wybod a ddylid ei olrhain.'],
  ["Private routes, in the patient's order.", 'Llwybrau preifat, yn nhrefn y claf.'],
  ['Withheld: the provider calls the referrer.', 'Wedi’i gadw yn ôl: mae’r darparwr yn ffonio’r atgyfeiriwr.'],
  ['None on record that the patient allows.', 'Dim ar gofnod y mae’r claf yn ei ganiatáu.'],
  ['So that the provider writes in it.', 'Er mwyn i’r darparwr ysgrifennu ynddi.'],
  ['What the provider is asked to do.', 'Yr hyn y gofynnir i’r darparwr ei wneud.'],
  ['So that it reaches the right service.', 'Er mwyn iddo gyrraedd y gwasanaeth cywir.'],
  ['So that the provider decides in time.', 'Er mwyn i’r darparwr benderfynu mewn pryd.'],
  ['The waiting times of England and Wales differ.', 'Mae amseroedd aros Cymru a Lloegr yn wahanol.'],
  ['What the clinical clock counts from.', 'Yr hyn y mae’r cloc clinigol yn cyfrif ohono.'],
  ['Care before it would be too early.', 'Byddai gofal cyn hynny yn rhy gynnar.'],
  ['The aim.', 'Y nod.'],
  ['The clinical clock, which does not begin again.', 'Y cloc clinigol, nad yw’n ailgychwyn.'],
  ['A waiting time that began before goes on.', 'Mae amser aros a ddechreuodd o’r blaen yn parhau.'],
  ['An earlier result that the care builds on.', 'Canlyniad cynharach y mae’r gofal yn adeiladu arno.'],
  ['Written by you for the provider.', 'Ysgrifennwyd gennych chi ar gyfer y darparwr.'],
  ['The need, never its reason.', 'Yr angen, byth ei reswm.'],
  ['So that the provider can call.', 'Er mwyn i’r darparwr allu ffonio.'],
  ['So that the provider may keep what it is sent.', 'Er mwyn i’r darparwr gael cadw’r hyn a anfonir ato.'],
  ['The patient agreed that the provider learns it.', 'Cytunodd y claf i’r darparwr gael gwybod.'],
  ['Withheld: the provider does not need to know where the patient works.', 'Wedi’i gadw yn ôl: nid oes angen i’r darparwr wybod ble mae’r claf yn gweithio.'],
  ['Withheld: always.', 'Wedi’i gadw yn ôl: bob amser.'],
];
const byEnglish = new Map(kWhys);

// None for what a pathway says of its own.
export function whyIn(lang: Lang, english: string): string | undefined {
  return lang === 'en' ? english : byEnglish.get(english);
}
