// Owners for libcjose's handles, and its error as text. Only for this folder.
#ifndef WAYMARK_COMMON_ACCESS_JOSE_H_
#define WAYMARK_COMMON_ACCESS_JOSE_H_

#include <cjose/cjose.h>

#include <cstdlib>
#include <memory>

namespace waymark::access {

struct JoseDelete {
  void operator()(cjose_jwk_t* jwk) const { cjose_jwk_release(jwk); }
  void operator()(cjose_jws_t* jws) const { cjose_jws_release(jws); }
  void operator()(cjose_header_t* header) const { cjose_header_release(header); }
  void operator()(char* text) const { cjose_get_dealloc()(text); }
};
using Jwk = std::unique_ptr<cjose_jwk_t, JoseDelete>;
using Jws = std::unique_ptr<cjose_jws_t, JoseDelete>;
using JoseHeader = std::unique_ptr<cjose_header_t, JoseDelete>;
using JoseText = std::unique_ptr<char, JoseDelete>;

// The one algorithm we accept for this key ("ES256" or "RS256"); null for a key of another type,
// curve or of less than 2048 bits.
const char* AlgorithmOf(const cjose_jwk_t* jwk);

}  // namespace waymark::access

#endif  // WAYMARK_COMMON_ACCESS_JOSE_H_
