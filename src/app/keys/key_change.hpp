#pragma once
// In a process that signs: looks whether another key is offered, proves it at the venue on a thread of its own, and
// takes it. The key in use serves on until then, and after an offer that was refused.
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "app/keys/key_offer.hpp"
#include "venue/endpoints.hpp"

namespace voltage::app::keys {

// The offered key must open the very account that the one in use opens: the same orders, or where there was never one
// the same cash and positions. A key in use that the venue has revoked already proves nothing and is replaced.
Status same_account(const venue::Endpoints& in_use, const venue::Endpoints& offered);

class KeyChange {
 public:
  // Which key signs now, or why the offered one does not; on a thread of its own.
  using Say = std::function<void(Result<std::string> key_id)>;

  // The endpoints share a credential: that is what changes.
  KeyChange(std::string control, std::string who, const venue::Endpoints& in_use, Say say);
  ~KeyChange();
  KeyChange(const KeyChange&) = delete;
  KeyChange& operator=(const KeyChange&) = delete;

  // Often, from one thread; costs one look at a file's name.
  void look();

 private:
  void examine(const std::string& offer);

  std::string control_;
  Signs signs_;
  venue::Endpoints in_use_;
  Say say_;
  std::string seen_;
  std::thread thread_;
};

}  // namespace voltage::app::keys
