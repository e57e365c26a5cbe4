#include "output/hls/arena.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <numeric>

namespace output::hls {
namespace {

std::uint64_t blocks_of(const Arena& arena) {
    struct stat facts {};
    EXPECT_EQ(::fstat(arena.descriptor(), &facts), 0);
    return static_cast<std::uint64_t>(facts.st_blocks) * 512;
}

base::Result<> append(Arena& arena, Extent& extent, std::string_view first, std::string_view second = {}) {
    std::array<iovec, 2> pieces{iovec{const_cast<char*>(first.data()), first.size()},
                                iovec{const_cast<char*>(second.data()), second.size()}};
    return arena.append(extent, std::span(pieces).first(second.empty() ? 1 : 2));
}

std::string read(const Arena& arena, const Extent& extent) {
    std::string bytes(extent.size(), '\0');
    EXPECT_EQ(::pread(arena.descriptor(), bytes.data(), bytes.size(), static_cast<off_t>(extent.offset())),
              static_cast<ssize_t>(bytes.size()));
    return bytes;
}

TEST(Arena, gives_back_what_nobody_holds_and_nothing_else) {
    const auto budget = std::make_shared<Budget>(1'000'000'000);
    const auto arena = *Arena::in_memory(budget);
    std::vector<ExtentPtr> extents;
    // None ends at a page's end.
    const std::size_t size = 300'001;
    for (int i = 0; i < 5; ++i) {
        extents.push_back(arena->begin());
        ASSERT_TRUE(append(*arena, *extents.back(), std::string(size, static_cast<char>('a' + i)), "end"));
    }
    EXPECT_EQ(budget->held, 5 * (size + 3));
    const std::uint64_t all = blocks_of(*arena);
    EXPECT_GE(all, 5 * size);

    extents[1].reset();
    extents[2].reset();
    EXPECT_EQ(budget->held, 3 * (size + 3));
    EXPECT_EQ(blocks_of(*arena), all / 5 * 3);
    for (const int i : {0, 3, 4})
        EXPECT_EQ(read(*arena, *extents[static_cast<std::size_t>(i)]),
                  std::string(size, static_cast<char>('a' + i)) + "end");

    extents.clear();
    EXPECT_EQ(budget->held, 0u);
    EXPECT_EQ(blocks_of(*arena), 0u);
    // What comes then is behind all that was.
    const auto later = arena->begin();
    EXPECT_GE(later->offset(), 5 * size);
}

TEST(Arena, an_extent_grows_by_many_pieces) {
    const auto arena = *Arena::in_memory(std::make_shared<Budget>(1));
    const auto extent = arena->begin();
    std::string bytes(5'000, '\0');
    std::iota(bytes.begin(), bytes.end(), '\0');
    std::vector<iovec> pieces;
    for (char& byte : bytes) pieces.push_back({&byte, 1});
    ASSERT_TRUE(arena->append(*extent, pieces));
    pieces.clear();
    for (std::size_t i = 0; i < bytes.size(); i += 100) pieces.push_back({bytes.data() + i, 100});
    ASSERT_TRUE(arena->append(*extent, pieces));
    EXPECT_EQ(read(*arena, *extent), bytes + bytes);
}

TEST(Arena, keeps_its_file_as_long_as_anybody_reads) {
    const auto budget = std::make_shared<Budget>(1);
    auto arena = *Arena::in_memory(budget);
    auto extent = arena->begin();
    ASSERT_TRUE(append(*arena, *extent, "bytes"));
    EXPECT_TRUE(budget->over());
    arena.reset();
    char first = 0;
    EXPECT_EQ(::pread(extent->descriptor(), &first, 1, 0), 1);
    EXPECT_EQ(first, 'b');
    extent.reset();
    EXPECT_FALSE(budget->over());
}

TEST(Arena, on_disk_takes_from_memory_and_frees_by_way_of_its_thread) {
    const auto memory = *Arena::in_memory(std::make_shared<Budget>(1));
    const auto source = memory->begin();
    ASSERT_TRUE(append(*memory, *source, std::string(100'000, 'x'), "end"));
    std::vector<std::function<void()>> jobs;
    const auto folder = std::filesystem::temp_directory_path() / "hls-arena-test";
    const auto disk =
        *Arena::on_disk(folder, [&](std::function<void()> job) { jobs.push_back(std::move(job)); });
    EXPECT_FALSE(disk->resident());
    // Without a name.
    EXPECT_TRUE(std::filesystem::is_empty(folder));
    auto extent = disk->begin();
    ASSERT_TRUE(disk->append(*extent, {source, source->offset() + 1, source->size() - 1, true}));
    EXPECT_EQ(read(*disk, *extent), std::string(99'999, 'x') + "end");
    extent.reset();
    ASSERT_EQ(jobs.size(), 1u);
    jobs[0]();
    EXPECT_EQ(blocks_of(*disk), 0u);
    std::filesystem::remove_all(folder);
}

TEST(Arena, says_why_it_cannot) {
    const auto disk = Arena::on_disk("/proc/nowhere", nullptr);
    ASSERT_FALSE(disk);
    EXPECT_EQ(disk.error().code, base::ErrorCode::unavailable);
}

}  // namespace
}  // namespace output::hls
