// LimitHits: how often each bound was reached while the server ran, by the name that everycast_limit{of} has
// for it. Owned by app/, and handed by reference to those who refuse or end something; any thread. What stays
// within its bounds pays nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"

namespace base {

class LimitHits {
  public:
    void add(std::string_view of);
    // The bound that this error is about; nothing when it is about none.
    void add(const Error& error);
    std::map<std::string, std::uint64_t, std::less<>> counts() const;

  private:
    mutable std::mutex mutex_;
    std::map<std::string, std::uint64_t, std::less<>> counts_;
};

// An error of a parser or session that tells which bound was passed.
tl::unexpected<Error> past_limit(std::string_view of, std::string text);
// The same for an error of another kind.
Error about_limit(std::string_view of, Error error);

}  // namespace base
