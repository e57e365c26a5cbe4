#include "app/check.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "app/data_folder.h"
#include "app/foundation.h"

namespace app {
namespace {

class CheckTest : public testing::Test {
  protected:
    CheckTest() {
        std::filesystem::create_directories(folder_);
        loaded_.config.data_dir = folder_ / "data";
        loaded_.config.http = "127.0.0.1:0";
        loaded_.config.rtmp = "127.0.0.1:0";
    }
    ~CheckTest() override { std::filesystem::remove_all(folder_); }

    // The first finding that begins like this.
    Finding about(const std::string& subject) const {
        const auto findings = examine(loaded_);
        const auto found = std::find_if(findings.begin(), findings.end(),
                                        [&](const Finding& one) { return one.what.starts_with(subject); });
        EXPECT_NE(found, findings.end()) << subject;
        return found == findings.end() ? Finding{} : *found;
    }
    void make_data() {
        ASSERT_TRUE(DataFolder::make(loaded_.config.data_dir));
        ASSERT_TRUE(Foundation::open(loaded_.config, base::Logger()));
    }

    const std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("everycast-check-test-" + std::to_string(::getpid()));
    config::Loaded loaded_;
};

TEST_F(CheckTest, AFreshPlaceIsSoundAndStaysUntouched) {
    for (const Finding& finding : examine(loaded_)) EXPECT_NE(finding.grade, Grade::bad) << finding.what;
    EXPECT_FALSE(std::filesystem::exists(loaded_.config.data_dir));
}

TEST_F(CheckTest, ASoundDatabaseIsCalledSound) {
    make_data();
    EXPECT_EQ(about("database").grade, Grade::good);
    EXPECT_EQ(about("encryption key").grade, Grade::good);
}

TEST_F(CheckTest, ADamagedDatabaseIsFound) {
    make_data();
    std::ofstream(DataFolder::database_file(loaded_.config.data_dir)) << std::string(8192, 'x');
    const Finding finding = about("database");
    EXPECT_EQ(finding.grade, Grade::bad);
    EXPECT_FALSE(finding.mend.empty());
}

TEST_F(CheckTest, AShortEncryptionKeyIsFoundAndNotShown) {
    loaded_.config.encryption_key = base::Secret("canary");
    const Finding finding = about("encryption key");
    EXPECT_EQ(finding.grade, Grade::bad);
    EXPECT_EQ(finding.what.find("canary"), std::string::npos);
}

TEST_F(CheckTest, ATakenPortIsFound) {
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), size), 0);
    ASSERT_EQ(::listen(listener, 1), 0);
    ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
    loaded_.config.http = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    EXPECT_EQ(about("http").grade, Grade::bad);
    ::close(listener);
    EXPECT_EQ(about("http").grade, Grade::good);
}

TEST_F(CheckTest, ACertificateThatIsNotThereIsFound) {
    loaded_.config.tls_certificate = folder_ / "none.pem";
    loaded_.config.tls_key = folder_ / "none.key";
    EXPECT_EQ(about("tls").grade, Grade::bad);
    loaded_.config.tls_certificate.clear();
    loaded_.config.tls_key.clear();
    loaded_.config.https = true;
    EXPECT_EQ(about("https").grade, Grade::bad);
}

TEST_F(CheckTest, ASecretInAFileThatOthersReadIsNoted) {
    loaded_.file = folder_ / "everycast.toml";
    std::ofstream(loaded_.file) << "hook_secret = \"canary\"\n";
    loaded_.config.hook_secret = base::Secret("canary");
    loaded_.sources["hook_secret"] = config::Source::file;
    std::filesystem::permissions(loaded_.file,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::others_read);
    EXPECT_EQ(about(loaded_.file).grade, Grade::note);
    EXPECT_EQ(about("  hook_secret").what, "  hook_secret = (set) (file)");
}

TEST(DataFolderTest, OneServerAtATime) {
    const auto path =
        std::filesystem::temp_directory_path() / ("everycast-folder-test-" + std::to_string(::getpid()));
    {
        const auto first = DataFolder::take(path);
        ASSERT_TRUE(first) << first.error().message;
        EXPECT_TRUE(DataFolder::in_use(path));
        const auto second = DataFolder::take(path);
        ASSERT_FALSE(second);
        EXPECT_EQ(second.error().code, base::ErrorCode::conflict);
        EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms::owner_all);
    }
    EXPECT_FALSE(DataFolder::in_use(path));
    EXPECT_TRUE(DataFolder::take(path));
    std::filesystem::remove_all(path);
}

}  // namespace
}  // namespace app
