#pragma once
// What the server answers: a pure function of the request and the view, and two things that a request may change
// (what the operator asks of the run, which alerts are acknowledged). No socket is known here.
//
//   GET  /  /main  /page.css  /page.js  /status.json  /metrics
//   GET  /healthz   200 while every part beats, else 503 and the parts that do not
//   GET  /readyz    200 while new risk may be taken, else 503 and every reason
//   POST /control      {"action":"pause|resume|kill","reason":"…"}   with the token
//   POST /acknowledge  {"alert":"…","about":"…"}                      with the token
#include <functional>
#include <string>

#include "app/watch/access.hpp"
#include "app/watch/view.hpp"
#include "venue/net/http.hpp"

namespace voltage::app::watch {

struct DeskActions {
  // False: nobody trades, or there is no such alert.
  std::function<bool(event::OperatorSaid)> ask;
  std::function<bool(const std::string& alert, const std::string& about)> acknowledge;
};

venue::net::Response answer(const venue::net::Request& request, const Access& access, const View& view,
                            const DeskActions& actions);

std::string status_json(const View& view);

}  // namespace voltage::app::watch
