#pragma once
// What src/venue/net shares inside: nobody else includes this.
#include <boost/asio/io_context.hpp>

#include "venue/net/loop.hpp"

namespace voltage::venue::net {

struct Loop::Impl {
  boost::asio::io_context context{1};
};

}  // namespace voltage::venue::net
