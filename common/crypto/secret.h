// A value that must not be seen: it cannot be copied, printed, formatted or logged, and its bytes
// are overwritten when it goes.
#ifndef WAYMARK_COMMON_CRYPTO_SECRET_H_
#define WAYMARK_COMMON_CRYPTO_SECRET_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/strings/string_view.h"

namespace waymark::crypto {

// Overwrites `size` bytes in a way the compiler does not remove.
void Wipe(void* bytes, size_t size);

template <typename T>
class Secret {
  static_assert(std::is_same_v<T, std::string> || std::is_trivially_copyable_v<T>,
                "only values whose bytes we can find and overwrite");

 public:
  explicit Secret(T value) : value_(std::move(value)) { WipeValue(value); }
  Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { WipeValue(other.value_); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      WipeValue(value_);
      value_ = std::move(other.value_);
      WipeValue(other.value_);
    }
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { WipeValue(value_); }

  // The one way out, so that a search for Reveal finds every place that looks.
  const T& Reveal() const { return value_; }
  // A second owner, made on purpose.
  Secret Duplicate() const { return Secret(T(value_)); }

 private:
  static void WipeValue(T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
      // All of the buffer: what was cut off or moved away is still there.
      value.resize(value.capacity());
      Wipe(value.data(), value.size());
      value.clear();
    } else {
      Wipe(&value, sizeof(value));
    }
  }

  T value_;
};

template <typename T>
std::ostream& operator<<(std::ostream&, const Secret<T>&) = delete;

using SecretBytes = Secret<std::string>;

// 32 bytes that encrypt the values of one case, person or message.
using DataKey = Secret<std::array<uint8_t, 32>>;

inline absl::string_view Bytes(const std::array<uint8_t, 32>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace waymark::crypto

#endif  // WAYMARK_COMMON_CRYPTO_SECRET_H_
