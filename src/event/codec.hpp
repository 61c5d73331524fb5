#pragma once
// Events and effects as bytes, for journals: a version, a kind and the members of event/fields.hpp. Equal
// values give equal bytes on every compiler, and bytes read back give the value, doubles bit for bit (but
// every NaN is one NaN). Pure: no file is known here. A version, a kind or an enum value that this program
// does not know is refused by name, as are bytes that end too early or too late: nothing is guessed.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "event/effect.hpp"
#include "event/event.hpp"

namespace voltage {
class ByteReader;
}
namespace voltage::event {

// Kinds are places in the variants: appending one keeps the version, anything else is a new one.
inline constexpr std::uint8_t kCodecVersion = 4;

void encode(const Payload& what, std::string& out);  // appends
Result<Payload> decode_payload(std::string_view bytes);
const char* name(const Payload& what);

// Facts are what a restart needs of a run: fills, settlements, money that came or went, what a person said.
bool is_fact(const Payload& what);
// The same of encoded bytes, which are not decoded; true where they are too short to tell: the decoder says what is
// wrong with them.
bool is_fact(std::string_view encoded);

class EffectCodec {
 public:
  static void encode(const Effect& fx, std::string& out);  // appends
  static Result<Effect> decode(std::string_view bytes);

 private:
  template <std::size_t I>
  static Effect read(ByteReader& reader);
};
const char* name(const Effect& fx);

}  // namespace voltage::event
