#include "app/process/memory.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

namespace app::process {
namespace {

namespace fs = std::filesystem;

class GroupLimit : public testing::Test {
  protected:
    GroupLimit() {
        std::string path = testing::TempDir() + "groups-XXXXXX";
        root_ = ::mkdtemp(path.data());
    }
    ~GroupLimit() override { fs::remove_all(root_); }

    void put(const fs::path& file, const std::string& text) {
        fs::create_directories((root_ / file).parent_path());
        std::ofstream(root_ / file) << text << '\n';
    }
    std::uint64_t limit() const { return group_limit(root_ / "self", root_ / "mounted"); }

    fs::path root_;
};

TEST_F(GroupLimit, is_the_least_on_the_way_up_in_version_2) {
    put("self", "0::/a.slice/b.service");
    EXPECT_EQ(limit(), 0u);
    put("mounted/a.slice/b.service/memory.max", "max");
    EXPECT_EQ(limit(), 0u);
    put("mounted/a.slice/memory.max", "1073741824");
    EXPECT_EQ(limit(), 1'073'741'824u);
    put("mounted/a.slice/b.service/memory.max", "536870912");
    EXPECT_EQ(limit(), 536'870'912u);
    put("mounted/a.slice/c.service/memory.max", "4096");
    EXPECT_EQ(limit(), 536'870'912u) << "another's";
}

TEST_F(GroupLimit, is_found_in_version_1_among_other_controllers) {
    put("self", "9:name=systemd:/\n5:cpu,memory:/x\n4:memoryless:/y\n0::/");
    put("mounted/memory/memory.limit_in_bytes", "9223372036854771712");
    put("mounted/memory/y/memory.limit_in_bytes", "1");
    EXPECT_EQ(limit(), 0u) << "that is no limit";
    put("mounted/memory/x/memory.limit_in_bytes", "268435456");
    EXPECT_EQ(limit(), 268'435'456u);
}

TEST_F(GroupLimit, of_a_container_stands_at_its_root) {
    put("self", "0::/../../far/away");
    put("mounted/memory.max", "134217728");
    EXPECT_EQ(limit(), 134'217'728u);
}

TEST_F(GroupLimit, that_cannot_be_read_is_none) {
    EXPECT_EQ(limit(), 0u);
    for (const char* text : {"", "x", "-1", "12 MB", "99999999999999999999999", "::", "4:memory"}) {
        put("self", text);
        put("mounted/memory.max", text);
        put("mounted/memory/memory.limit_in_bytes", text);
        EXPECT_TRUE(limit() == 0 || std::string(text) == "12 MB") << text;
    }
}

TEST(Memory, of_this_process_grows_with_what_it_takes) {
    EXPECT_GT(memory_there_is(), 64u * 1024 * 1024);
    const std::uint64_t before = own_memory();
    ASSERT_GT(before, 0u);
    constexpr std::size_t more = 64 * 1024 * 1024;
    const std::vector<char> taken(more, 'x');
    EXPECT_GT(own_memory(), before + more / 2) << taken.back();
}

}  // namespace
}  // namespace app::process
