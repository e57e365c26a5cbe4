// Answers that are polled: each says what it is by an entity tag, and who has it already gets no body (RFC
// 9110 §13.1.2). Pure.
#pragma once

#include <string_view>

#include "api/http/message.h"
#include "api/rest/context.h"

namespace api::rest {

// `state` is all that the answer tells, in any words; answers to others are never given out for it.
http::Response when_changed(const Context& context, http::Response response, std::string_view state);
// The same, of the body itself.
http::Response when_changed(const Context& context, http::Response response);

}  // namespace api::rest
