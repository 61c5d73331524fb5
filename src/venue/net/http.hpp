#pragma once
// One HTTP request and its answer as plain values, for code that knows nothing of sockets.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace voltage::venue::net {

struct Request {
  std::string method;  // GET, POST, …
  std::string target;  // path and query as sent
  std::string body;
  std::map<std::string, std::string, std::less<>> headers;  // names in lower case

  std::string_view path() const { return std::string_view{target}.substr(0, target.find('?')); }
  std::string_view header(std::string_view name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string_view{} : std::string_view{found->second};
  }
};

struct Response {
  int status{200};
  std::string body;
  std::string content_type{"application/json"};
  std::vector<std::pair<std::string, std::string>> headers{};  // besides type and length
};

// The parameters of a query, percent-decoded; a repeated name has several values.
class Query {
 public:
  static Query of(std::string_view target);
  std::optional<std::string> first(std::string_view name) const;
  // All values of the name, also those joined by commas.
  std::vector<std::string> all(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

std::string percent_encoded(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char by);

}  // namespace voltage::venue::net
