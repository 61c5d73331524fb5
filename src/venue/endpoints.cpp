#include "venue/endpoints.hpp"

#include <utility>

#include "io/atomic_file.hpp"
#include "venue/fields.hpp"

namespace voltage::venue {

Status read_endpoints(const std::string& path, Endpoints& into) {
  const auto text = io::read_file(path);
  if (!text) return fail(text.error().message);
  JsonDocument document;
  const auto root = document.parse(*text);
  if (!root) return fail(path + ": " + root.error().message);
  Flaws flaws;
  {
    Fields f{*root, "venue", flaws};
    const std::pair<const char*, std::string*> all[] = {
        {"kalshi_rest", &into.kalshi_rest},     {"kalshi_ws", &into.kalshi_ws},
        {"kalshi_key_id", &into.kalshi_key_id}, {"kalshi_key_file", &into.kalshi_key_file},
        {"kraken_rest", &into.kraken_rest},     {"kraken_ws_v1", &into.kraken_ws_v1},
        {"kraken_ws_v2", &into.kraken_ws_v2},   {"tls_ca_file", &into.ca_file},
    };
    for (const auto& [key, value] : all) {
      const bool optional = std::string_view{key} == "tls_ca_file";
      *value = optional ? f.text_or(key, *value) : f.text(key);
    }
    if (const auto clock = f.maybe_child("clock", JsonType::object)) {
      Fields c{*clock, "venue.clock", flaws};
      const Time wall = c.time_ms("wall_ms"), venue = c.time_ms("venue_ms");
      const auto speed = c.fixed("speed", 6, 1, 1'000'000'000'000, Form::number);
      into.clock = VenueClock{wall, venue, static_cast<double>(speed) * 1e-6};
    }
  }
  if (!flaws.error.empty()) return fail(path + ": " + flaws.error);
  return {};
}

}  // namespace voltage::venue
