#include "base/limit_hits.h"

namespace base {
namespace {

// Where an error's details keep the name.
constexpr const char* detail = "bound";

}  // namespace

void LimitHits::add(std::string_view of) {
    const std::lock_guard lock(mutex_);
    const auto found = counts_.find(of);
    if (found != counts_.end())
        ++found->second;
    else
        counts_.emplace(of, 1);
}

void LimitHits::add(const Error& error) {
    if (const auto found = error.details.find(detail); found != error.details.end()) add(found->second);
}

std::map<std::string, std::uint64_t, std::less<>> LimitHits::counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

tl::unexpected<Error> past_limit(std::string_view of, std::string text) {
    return tl::unexpected<Error>(about_limit(of, {ErrorCode::limit_exceeded, std::move(text)}));
}

Error about_limit(std::string_view of, Error error) {
    error.details.emplace(detail, of);
    return error;
}

}  // namespace base
