#pragma once
// The schema's watch over what the venue answers about the account and its orders: every field that money hangs on, by
// name and type, call by call. The streams form habits (schema_watch.hpp); here few answers come, each counts, and what
// is needed is known beforehand. New fields are no change; a refusal (status 400 and above) has no shape.
#include <string>
#include <string_view>
#include <vector>

#include "venue/json.hpp"

namespace voltage::venue::kalshi {

// How whatever tells of a change begins; from then on no new risk is taken.
inline const std::string kSchemaChanged{"schema: Kalshi: "};

// The first field of the answer that is missing or of another type than it always was ("POST order: order_id is
// missing"). Empty: as known, or a call of which nothing is known. `target` is the request's, below the base path.
std::string shape_change(std::string_view method, std::string_view target, int status, std::string_view body);

// What is known: one field of one call's answer.
struct RestField {
  std::string_view method, path;
  const char* tail{nullptr};    // what follows one segment more of the path; nullptr: the path ends
  const char* inside{nullptr};  // the object or list of the body that it stands in; empty: the body itself
  const char* field{nullptr};
  JsonType type{};
  const char* or_field{nullptr};  // says the same
};
std::vector<RestField> rest_fields();

}  // namespace voltage::venue::kalshi
