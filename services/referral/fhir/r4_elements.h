// The shape of the R4 resources that are read here, taken from the StructureDefinitions of HL7 FHIR
// 4.0.1 (CC0): which elements each type has, how many, of which types.
//
// A line begins a type or, with a dot, a part of one; indented lines go on. An element is written
//   name[*][!]:type|type(code|code)
// `*` may repeat (is an array), `!` must be there, `value[x]` is spelled with its type
// ("valueString"),
// `@` is a part of its own listed under its path (`@path`: under that path), `*` as type is any
// type an extension may hold. Codes are listed where R4 binds them strictly and they are few. What
// every resource or element has (id, meta, text, extension ...) is known to the reader and not
// listed.
#ifndef WAYMARK_SERVICES_REFERRAL_FHIR_R4_ELEMENTS_H_
#define WAYMARK_SERVICES_REFERRAL_FHIR_R4_ELEMENTS_H_

namespace waymark::referral::fhir {

// NOLINTNEXTLINE(cppcoreguidelines-avoid-c-arrays,modernize-avoid-c-arrays)
extern const char kR4Elements[];

}  // namespace waymark::referral::fhir

#endif  // WAYMARK_SERVICES_REFERRAL_FHIR_R4_ELEMENTS_H_
