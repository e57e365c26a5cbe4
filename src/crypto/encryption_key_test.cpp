#include "crypto/encryption_key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <set>
#include <thread>
#include <vector>

#include "base/ids.h"

namespace crypto {
namespace {

namespace fs = std::filesystem;

class EncryptionKeyTest : public testing::Test {
  protected:
    EncryptionKeyTest() : directory_(fs::temp_directory_path() / ("everycast-key-" + base::random_hex(12))) {}
    ~EncryptionKeyTest() override { fs::remove_all(directory_); }

    fs::path file() const { return directory_ / "encryption.key"; }
    void write(const std::string& text,
               fs::perms permissions = fs::perms::owner_read | fs::perms::owner_write) {
        fs::create_directories(directory_);
        std::ofstream(file()) << text;
        fs::permissions(file(), permissions);
    }

    fs::path directory_;
};

TEST_F(EncryptionKeyTest, IsMadeOnceAndKept) {
    const EncryptionKey made = find_encryption_key({}, directory_).value();
    EXPECT_TRUE(made.created);
    EXPECT_EQ(made.text.size(), 64u);
    EXPECT_EQ(made.file, file());
    const EncryptionKey found = find_encryption_key({}, directory_).value();
    EXPECT_FALSE(found.created);
    EXPECT_TRUE(found.text == made.text);
}

TEST_F(EncryptionKeyTest, IsItsOwnersAlone) {
    ASSERT_TRUE(find_encryption_key({}, directory_));
    struct stat info {};
    ASSERT_EQ(::stat(file().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
    ASSERT_EQ(::stat(directory_.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0700u);
    EXPECT_EQ(std::distance(fs::directory_iterator(directory_), fs::directory_iterator()), 1)
        << "nothing is left over";
}

TEST_F(EncryptionKeyTest, GivenOneWinsAndNothingIsWritten) {
    const EncryptionKey key =
        find_encryption_key(base::Secret(" sixteen-or-more-chars \n"), directory_).value();
    EXPECT_TRUE(key.from_settings);
    EXPECT_EQ(key.text.reveal(), "sixteen-or-more-chars");
    EXPECT_FALSE(fs::exists(file()));
}

TEST_F(EncryptionKeyTest, RefusesWeakKeys) {
    EXPECT_EQ(find_encryption_key(base::Secret("short"), directory_).error().code,
              base::ErrorCode::invalid_argument);
    EXPECT_FALSE(find_encryption_key(base::Secret("                       "), directory_));
    write("");
    EXPECT_FALSE(find_encryption_key({}, directory_)) << "an empty file is no reason to make another key";
    write("short\n");
    EXPECT_FALSE(find_encryption_key({}, directory_));
}

TEST_F(EncryptionKeyTest, RefusesAFileThatOthersCanRead) {
    write("0123456789abcdef0123456789abcdef\n", fs::perms::owner_all | fs::perms::group_read);
    const auto key = find_encryption_key({}, directory_);
    ASSERT_FALSE(key);
    EXPECT_NE(key.error().message.find("chmod 600"), std::string::npos);
    EXPECT_EQ(key.error().message.find("0123456789abcdef"), std::string::npos);
}

TEST_F(EncryptionKeyTest, RefusesALink) {
    fs::create_directories(directory_);
    fs::create_symlink("/dev/zero", file());
    EXPECT_FALSE(find_encryption_key({}, directory_));
}

TEST_F(EncryptionKeyTest, SaysWhatIsWrongWithTheDirectory) {
    std::ofstream(directory_) << "a file in its place";
    const auto key = find_encryption_key({}, directory_);
    ASSERT_FALSE(key);
    EXPECT_NE(key.error().message.find(directory_.string()), std::string::npos);
}

TEST_F(EncryptionKeyTest, FirstStartsAtOnceAgreeOnOneKey) {
    std::vector<std::string> seen(8);
    std::vector<std::jthread> servers;
    for (std::string& text : seen)
        servers.emplace_back([&] { text = find_encryption_key({}, directory_).value().text.reveal(); });
    servers.clear();
    EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 1u);
}

TEST(GenerateEncryptionKey, IsRandom) {
    EXPECT_FALSE(generate_encryption_key() == generate_encryption_key());
    EXPECT_EQ(generate_encryption_key().size(), 64u);
}

}  // namespace
}  // namespace crypto
