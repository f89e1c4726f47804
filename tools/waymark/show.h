// What a person reads in the terminal. Pure: the same message at the same instant gives the same
// lines. Times are London's.
#ifndef WAYMARK_TOOLS_WAYMARK_SHOW_H_
#define WAYMARK_TOOLS_WAYMARK_SHOW_H_

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "waymark/casework/v1/case.pb.h"
#include "waymark/casework/v1/plan.pb.h"
#include "waymark/casework/v1/protocol.pb.h"
#include "waymark/scheduling/v1/scheduling_service.pb.h"

namespace waymark::cli {

struct Style {
  // ANSI colours; off when the output is not a terminal.
  bool colour = false;
};

// "12 min", "3 h 5 min", "6 days", "9 weeks": never more than two units.
std::string Span(absl::Duration length);

// "Sun 22 Nov 2026 10:05".
std::string Moment(absl::Time instant);

// The head of a case and its steps in order of due time: done, due, overdue, time left. `name` is
// the subject's; empty: not for the caller.
std::string Timeline(const casework::v1::CaseHeader& header, absl::string_view pathway,
                     absl::Time now, const Style& style, absl::string_view name = "");

// What re-planning moved, one line each; empty when nothing moved.
std::string Moves(const google::protobuf::RepeatedPtrField<casework::v1::Move>& moves);

// By subject id; whoever is not in it is not for the caller, and shows as a dash.
using Names = std::map<std::string, std::string>;

// "Sam Jones", or a dash.
std::string NameIn(const Names& names, const std::string& subject_id);

// What is due in the force, least time left first.
std::string Worklist(const scheduling::v1::ListWorklistResponse& list, const Names& names,
                     const Style& style);

// Any message, a field a line: "birth date  1 Feb 1990", lists and messages indented. What is unset
// is left out, so that an empty message is an empty page.
std::string Page(const google::protobuf::Message& message);

// The rota, the duty address and whether the force is live.
std::string Rota(const scheduling::v1::ListRotaResponse& rota);

// The caller's notices.
std::string Notices(const google::protobuf::RepeatedPtrField<scheduling::v1::Notice>& notices);

// A protocol as a clinician reads it: stages, steps, dates, conditions, sources.
std::string ProtocolPage(const casework::v1::Protocol& protocol);

// The lines that one protocol's page has and the other's has not, "-" before and "+" after; empty
// when the two say the same.
std::string ProtocolDifference(const casework::v1::Protocol& before,
                               const casework::v1::Protocol& after);

}  // namespace waymark::cli

#endif  // WAYMARK_TOOLS_WAYMARK_SHOW_H_
