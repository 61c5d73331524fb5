#pragma once
// Who may ask, and who may act. The server listens on loopback alone; a web page of somebody else in the
// person's own browser is on loopback too, so the Host must be ours (a name that was re-pointed to 127.0.0.1 is
// not), and a request that another page sends (Origin, Sec-Fetch-Site) is refused. Acting needs the token as
// well, which lies in a file of mode 0600. Where other people use the machine, reading can need one too, which can do
// nothing else: as a bearer token (Prometheus) or as the password of whatever name (a browser asks for it).
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "venue/net/http.hpp"

namespace voltage::app::watch {

class Access {
 public:
  // read_token empty: whoever is on this machine may read.
  explicit Access(std::string token, std::string read_token = {})
      : token_{std::move(token)}, read_token_{std::move(read_token)} {}

  // Why the request is refused, with its status; empty: it may be answered.
  std::optional<venue::net::Response> refuses(const venue::net::Request& request) const;
  bool may_act(const venue::net::Request& request) const;
  bool may_read(const venue::net::Request& request) const;  // whoever may act may read

 private:
  std::string token_, read_token_;
};

// Where `voltage control` finds a running process: its port and the token, in a file of mode 0600 in the folder.
struct ControlFile {
  std::uint16_t port{0};
  std::string token;
};
std::string control_path(const std::string& folder);
Status write_control_file(const std::string& folder, const ControlFile& control);
Result<ControlFile> read_control_file(const std::string& folder);
Result<std::string> fresh_token();

// The token for reading, from this file: one line, of mode 0600 and ours. Made if there is none, so that whoever
// scrapes keeps it over restarts.
Result<std::string> take_read_token(const std::string& path);

}  // namespace voltage::app::watch
