#pragma once
// What Kalshi publishes of its formats (an OpenAPI document for the calls, an AsyncAPI one for the stream), compared
// with what we read: each field that money or a book hangs on must be in the document, of the type that we take it for.
// A change is announced there before, or seen there first, and named here as the decoders would name it.
#include <string>
#include <vector>

#include "base/result.hpp"
#include "venue/endpoints.hpp"
#include "venue/json.hpp"

namespace voltage::venue::kalshi {

// Each difference ("GET fills: fills.fee_cost is gone"). An error: the text is no document of that kind.
Result<std::vector<std::string>> rest_changes(const std::string& openapi);
Result<std::vector<std::string>> stream_changes(const std::string& asyncapi);

// Where the documents of this venue lie; empty: it publishes none (the virtual one).
std::string published_at(const Endpoints& endpoints);
// Reads both and compares; blocks for as long as that takes, up to half a minute.
Result<std::vector<std::string>> published_changes(const Endpoints& endpoints);

// One field of one stream message that its decoder can't do without.
struct StreamField {
  const char* message;
  const char* field;
  JsonType type{};
  const char* or_field{nullptr};
};
const std::vector<StreamField>& stream_fields();

}  // namespace voltage::venue::kalshi
