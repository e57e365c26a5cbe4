// A frame's payload is copied once, out of the socket's buffer into the message; after that nobody copies it,
// however many destinations there are. And sending it allocates nothing.
#include <gtest/gtest.h>

#include <cstring>

#include "bench/instructions/counting.h"
#include "bench/instructions/data_path.h"

namespace bench {
namespace {

struct Spent {
    Counts counts;
    std::uint64_t payload_bytes = 0;
};

// What the core's thread spends on `batches` of `frames` each.
Spent spend(DataPath& path, int batches, std::size_t frames) {
    Spent spent;
    const std::uint64_t before = path.payload_bytes();
    path.on_core([] { start_counting(); });
    for (int i = 0; i < batches; ++i) path.send(frames);
    path.on_core([&] { spent.counts = stop_counting(); });
    spent.payload_bytes = path.payload_bytes() - before;
    return spent;
}

TEST(Counting, sees_a_payload_that_is_copied) {
    std::vector<std::uint8_t> from(10'000, 1);
    start_counting();
    std::vector<std::uint8_t> to(from.begin(), from.end());
    std::string through_the_library(reinterpret_cast<const char*>(from.data()), from.size());
    const Counts counts = stop_counting();
    EXPECT_EQ(to, from);
    EXPECT_EQ(counts.payload_bytes_copied, 20'000u);
    EXPECT_EQ(counts.allocations, 2u);
}

TEST(DataPathCopies, payload_is_copied_once_whatever_the_number_of_destinations) {
    DataPath path(8);
    for (const std::size_t frames : {1u, 8u}) {
        const Spent spent = spend(path, 100, frames);
        const double copies =
            static_cast<double>(spent.counts.payload_bytes_copied) / static_cast<double>(spent.payload_bytes);
        EXPECT_GT(copies, 0.9) << "the copy at ingest is not seen: is anything counted?";
        EXPECT_LT(copies, 1.05) << frames << " frames together";
    }
}

TEST(DataPathAllocations, sending_to_a_destination_allocates_nothing) {
    DataPath few(2);
    DataPath many(10);
    for (const std::size_t frames : {1u, 8u}) {
        const int batches = 200;
        const auto of_few = spend(few, batches, frames).counts.allocations;
        const auto of_many = spend(many, batches, frames).counts.allocations;
        const double each = (static_cast<double>(of_many) - static_cast<double>(of_few)) /
                            (8.0 * batches * static_cast<double>(frames));
        EXPECT_LT(each, 0.01) << "allocations for a frame and a destination, " << frames
                              << " frames together";
        RecordProperty("allocations_at_ingest", std::to_string(of_few));
        std::printf("%zu frames together: %.2f allocations a frame at ingest, %.3f a frame and destination\n",
                    frames, static_cast<double>(of_few) / (batches * static_cast<double>(frames)) - 2 * each,
                    each);
    }
}

}  // namespace
}  // namespace bench
