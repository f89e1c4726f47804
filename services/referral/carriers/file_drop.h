// Puts a message into a folder that somebody else empties: a data file, and a control file beside
// it once the data is whole, as a MESH client takes them. Each appears in one rename; the same
// message twice leaves one pair, also after the first was taken away.
#ifndef WAYMARK_SERVICES_REFERRAL_CARRIERS_FILE_DROP_H_
#define WAYMARK_SERVICES_REFERRAL_CARRIERS_FILE_DROP_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "waymark/referral/v1/partner.pb.h"

namespace waymark::referral {

// `folder` exists. Writes <folder>/<name> whole or not at all, and keeps the mark
// <folder>/.sent/<name>, by which a repetition is known. UNAVAILABLE FILE_NOT_WRITTEN.
absl::Status DropFile(const std::string& folder, const std::string& name,
                      absl::string_view content);

// <name>.dat and <name>.ctl. `name` is that of DropName.
absl::Status DropMessage(const v1::FileDrop& drop, const std::string& name,
                         absl::string_view content);

// The name of a message's file without its ending: its id, and for one that a person asked to be
// sent again "<id>.resend-1", so that it is written again and shows that it is one.
std::string DropName(absl::string_view message_id, int resend);

// The control file of MESH's file interface. Its subject says nothing of the patient.
std::string ControlFile(const v1::FileDrop& drop, absl::string_view name);

}  // namespace waymark::referral

#endif  // WAYMARK_SERVICES_REFERRAL_CARRIERS_FILE_DROP_H_
