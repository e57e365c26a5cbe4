#include "base/limit_hits.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace base {
namespace {

using Counts = std::map<std::string, std::uint64_t, std::less<>>;

TEST(LimitHits, counts_names_and_errors_that_tell_one) {
    LimitHits hits;
    EXPECT_EQ(hits.counts(), Counts{});
    hits.add("rtmp_connections");
    hits.add("rtmp_connections");
    const auto past = past_limit("amf_depth", "nested too deeply");
    EXPECT_EQ(past.value().code, ErrorCode::limit_exceeded);
    EXPECT_EQ(past.value().message, "nested too deeply");
    hits.add(past.value());
    const Error late =
        about_limit("rtmp_handshake_seconds", {ErrorCode::timed_out, "too slow", "", {{"step", "c2"}}});
    EXPECT_EQ(late.code, ErrorCode::timed_out);
    EXPECT_EQ(late.details.at("step"), "c2");
    // It still tells when it has been told from a level up.
    hits.add(Error(late).within("RTMP"));
    hits.add(Error{ErrorCode::malformed, "nonsense"});
    EXPECT_EQ(hits.counts(),
              (Counts{{"amf_depth", 1}, {"rtmp_connections", 2}, {"rtmp_handshake_seconds", 1}}));
}

TEST(LimitHits, loses_none_from_many_threads) {
    LimitHits hits;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&hits, i] {
            for (int n = 0; n < 1'000; ++n) hits.add(i % 2 == 0 ? "even" : "odd");
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(hits.counts(), (Counts{{"even", 2'000}, {"odd", 2'000}}));
}

}  // namespace
}  // namespace base
