#include "gateway/xml/reader.h"

#include <gtest/gtest.h>

#include "gateway/xml/writer.h"

namespace tally::gateway::xml {
namespace {

void refuse_xml(std::string text, Code code, std::string_view part) {
    const auto file = File::read(std::move(text));
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().code, code) << file.error().message;
    EXPECT_NE(file.error().message.find(part), std::string::npos) << file.error().message;
}

TEST(XmlReader, ReadsTextsThatCommentsAndCdataInterrupt) {
    const auto file = File::read("<a><b> 1<!-- not 1 -->00<![CDATA[.5]]>0 </b></a>").value();
    EXPECT_EQ(file.roots()[0].text_at("b").value(), "100.50");
}

TEST(XmlReader, NamesAreComparedWithoutPrefixesAndTheNameSpaceIsFound) {
    const auto file = File::read("<x:a xmlns:x='urn:one'>\n <x:b><c/></x:b></x:a>").value();
    const auto root = file.roots()[0];
    EXPECT_EQ(root.name(), "a");
    EXPECT_EQ(root.name_space(), "urn:one");
    const auto c = root.at("b/c").value();
    ASSERT_TRUE(c);
    EXPECT_EQ(c->name_space(), "");
    EXPECT_EQ(c->where(), "line 2, b/c");
}

TEST(XmlReader, AnElementThatIsThereTwiceIsRefused) {
    const auto file = File::read("<a>\n<b>1</b>\n<b>2</b></a>").value();
    const auto b = file.roots()[0].child("b");
    ASSERT_FALSE(b);
    EXPECT_EQ(b.error().message, "line 3, a/b: the element is there twice");
}

TEST(XmlReader, DoctypeEntitiesAndOtherEncodingsAreRefused) {
    refuse_xml("<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
               Code::unsupported, "line 2: a DOCTYPE");
    refuse_xml("<a>&x;</a>", Code::malformed, "no reference");
    refuse_xml("<a>5&#0;00</a>", Code::malformed, "no reference");
    refuse_xml("<a b='&#xFFFE;'/>", Code::malformed, "no reference");
    refuse_xml(std::string("\xff\xfe<\0a\0/\0>\0", 10), Code::unsupported, "UTF-16");
    refuse_xml(std::string("<\0a\0/\0>\0", 8), Code::unsupported, "UTF-16");
    refuse_xml("<a>\xe4</a>", Code::unsupported, "not UTF-8");
    refuse_xml("<?xml version='1.0' encoding='ISO-8859-1'?><a/>", Code::unsupported, "iso-8859-1");
    EXPECT_TRUE(File::read("\xef\xbb\xbf<?xml version='1.0' encoding='utf-8'?><a>&#228;&amp;</a>"));
}

TEST(XmlReader, DepthSizeAndNumberOfElementsAreBounded) {
    const auto nested = [](std::size_t depth) {
        std::string text;
        for (std::size_t i = 0; i < depth; ++i) text += "<a>";
        for (std::size_t i = 0; i < depth; ++i) text += "</a>";
        return text;
    };
    EXPECT_TRUE(File::read(nested(64)));
    refuse_xml(nested(65), Code::too_large, "nested more than 64 deep");
    refuse_xml(std::string((32U << 20) + 1, ' '), Code::too_large, "33554432 are allowed");
    std::string many = "<a>";
    for (int i = 0; i < 2'000'000; ++i) many += "<b/>";
    refuse_xml(many + "</a>", Code::too_large, "more than 2000000 elements");
}

TEST(XmlReader, WhatIsNotWellFormedIsRefusedWithItsLine) {
    refuse_xml("", Code::malformed, "");
    refuse_xml("<a>\n<b>\n</a>", Code::malformed, "line 3");
    refuse_xml("<a>\n<b", Code::malformed, "line 2: a tag has no end");
    refuse_xml("<a/>\nmore", Code::malformed, "text outside");
    refuse_xml("<a><!-- </a>", Code::malformed, "a comment has no end");
}

TEST(XmlReader, DocumentsMayFollowEachOther) {
    const auto file = File::read("<?xml version='1.0'?>\n<a/>\n<?xml version='1.0'?>\n<b/>").value();
    EXPECT_EQ(file.roots().size(), 2);
}

TEST(XmlWriter, EscapesWhatMarkupIsAndReplacesWhatXmlCannotHold) {
    Writer out(100);
    out.open("a", {{"b", "\"<'"}});
    out.leaf("c", "M\xc3\xbcller & S\xc3\xb6hne <1>\x01\xef\xbf\xbe");
    out.close();
    EXPECT_EQ(std::move(out).finish(),
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a b=\"&quot;&lt;&#39;\">\n  <c>M\xc3\xbcller &amp; "
              "S\xc3\xb6hne &lt;1&gt;\xef\xbf\xbd\xef\xbf\xbd</c>\n</a>\n");
}

}  // namespace
}  // namespace tally::gateway::xml
