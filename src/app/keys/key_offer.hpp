#pragma once
// Another key in the place of the one that a running trader and its guard sign with. The person who has it puts an
// offer into the control folder that both share; each proves it at the venue, takes it, and says so in a file of its
// own there:
//
//   next-key           the offer: the id in the first line, then the private key (PEM); mode 0600, gone when both spoke
//   key-of-trader …    which key signs there, and what came of the last offer; there while the process runs
//
// The offer belongs to the folder's owner, so that root may offer it to a service that has a user of its own.
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "venue/kalshi/credential.hpp"

namespace voltage::app::keys {

struct Signs {
  std::string who;      // "trader", "guard"
  std::int64_t pid{};   // of the process that signs
  std::string key_id;   // what it signs with
  std::string offer;    // which offer it has looked at last; empty: none
  std::string refused;  // why it did not take that; empty: it did
};

std::string offer_path(const std::string& control);
// Fails if another offer lies there, or the folder is not one. Gives the offer's name.
Result<std::string> make_offer(const std::string& control, const std::string& key_id, const std::string& pem);
void take_back(const std::string& control);
// The name of the offer that lies there; empty: none.
std::string offer_there(const std::string& control);
// Refused unless the file is of mode 0600.
Result<std::shared_ptr<venue::kalshi::Credential>> read_offer(const std::string& control);

[[nodiscard]] Status say_signs(const std::string& control, const Signs& signs);
void forget_signs(const std::string& control, const std::string& who);
// Of every process that is alive.
std::vector<Signs> who_signs(const std::string& control);

}  // namespace voltage::app::keys
