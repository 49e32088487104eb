#include "services/gateway/renderer/testing/sample_text.h"

namespace broadsheet::gateway::testing {

const char kCompleteArticle[] = R"pb(
  article_id: "tollgate-bridge-closed"
  revision: 7
  path: "/city/2026/11/tollgate-bridge-closed"
  pub_status: PUB_STATUS_USABLE
  first_published_at { seconds: 1795168800 }
  version_created_at { seconds: 1795175520 }
  content {
    headline: "Tollgate Bridge closed after a hanger snaps in the night"
    standfirst: "Engineers found the break at four in the morning. The council says the crossing will stay shut for weeks; the harbour says it has nowhere to send the lorries."
    kicker: "Bridge"
    trail_text: "A steel hanger parted overnight and took the city’s busiest crossing with it."
    located: "AVERLEY"
    language: "en-GB"
    genre: "News"
    urgency: 1
    section_id: "city"
    author_ids: "tobias-wren"
    author_ids: "ines-carvalho"
    subjects: "Tollgate Bridge"
    subjects: "City council"
    subjects: "Harbour Trust"
    lead_image { image_id: "bridge-closed" }
    copyright_notice: "© 2026 The Averley Lanthorn"
    body {
      block_id: "p1"
      paragraph {
        text {
          text: "The bridge that carries nineteen thousand vehicles a day over the Marl was closed to all traffic on Friday, after an engineer on a routine walk found one of its forty-eight steel hangers lying across the footway. Nobody was hurt."
        }
      }
    }
    body {
      block_id: "p2"
      paragraph {
        text {
          text: "It is the first closure since 1978. The council’s own report from March had called the hangers “serviceable until the end of the decade”, and the Harbour Trust has published the strain readings it says should have rung a bell."
        }
      }
    }
    body {
      block_id: "h1"
      heading {
        level: 2
        text { text: "What broke" }
      }
    }
    body {
      block_id: "p3"
      paragraph {
        text {
          text: "A hanger is a rod as thick as a wrist. Each carries the deck between two others, and each was given a load of 61 t when it was fitted; on Thursday, with the lorries standing nose to tail, hanger 31 carried 74 t. The alloy is listed as FeNi3, with the test sheet σ = 410 N/mm² pinned behind it."
        }
      }
    }
    body {
      block_id: "i1"
      image { image_id: "bridge-hanger" caption: "The upper end of hanger 31, where the thread begins." }
    }
    body {
      block_id: "p4"
      paragraph {
        text {
          text: "The break is clean on one side and rusted on the other, which tells an engineer that it began long ago and ended quickly."
        }
      }
    }
    body {
      block_id: "q1"
      quote {
        text {
          text: "You look after a bridge the way you look after teeth. Everybody means to.\nThen it is a Friday in November."
        }
        attribution: "Ragna Tveit, the city’s former bridge master"
        source_url: "https://archive.example/tveit-lecture"
      }
    }
    body {
      block_id: "h2"
      heading {
        level: 2
        text { text: "Who may cross, and how" }
      }
    }
    body {
      block_id: "l1"
      list {
        items { text { text: "Pedestrians and cyclists use the upstream footway, in single file." } }
        items {
          text { text: "Trams turn round at Ropewalk:" }
          nested {
            ordered: true
            items { text { text: "line 2 every eight minutes" } }
            items { text { text: "line 5 every quarter of an hour, until nine" } }
          }
        }
        items { text { text: "Lorries above 7.5 t go by way of Sallow Ford, 41 km." } }
      }
    }
    body {
      block_id: "t1"
      table {
        caption: "Crossings of the Marl and what they carry on a weekday"
        header {
          cells { text: "Crossing" }
          cells { text: "Opened" }
          cells { text: "Vehicles" }
          cells { text: "Lorries" }
          cells { text: "Limit" }
        }
        rows {
          cells { text: "Tollgate Bridge" }
          cells { text: "1931" }
          cells { text: "19,140" }
          cells { text: "2,310" }
          cells { text: "closed" }
        }
        rows {
          cells { text: "Sallow Ford" }
          cells { text: "1874" }
          cells { text: "3,020" }
          cells { text: "96" }
          cells { text: "18 t" }
        }
        rows {
          cells { text: "North Ferry" }
          cells { text: "1902" }
          cells { text: "640" }
        }
        alignments: COLUMN_ALIGNMENT_START
        alignments: COLUMN_ALIGNMENT_CENTER
        alignments: COLUMN_ALIGNMENT_END
        alignments: COLUMN_ALIGNMENT_END
        alignments: COLUMN_ALIGNMENT_END
      }
    }
    body {
      block_id: "d1"
      divider {}
    }
    body {
      block_id: "h3"
      heading {
        level: 2
        text { text: "What it will cost" }
      }
    }
    body {
      block_id: "p5"
      paragraph {
        text {
          text: "Rehanging the whole span is priced at 28 million crowns. The council has four. “We are going to be asked for a number on Monday,” said the leader of the council, “and the number is going to be wrong.”"
        }
      }
    }
    body {
      block_id: "h4"
      heading {
        level: 3
        text { text: "The insurance" }
      }
    }
    body {
      block_id: "p6"
      paragraph {
        text {
          text: "There is none: a bridge, the council was told in 1978, is its own insurance. The motto over the gate says so in Latin: pons sibi cautio."
        }
      }
    }
    body {
      block_id: "e1"
      embed {
        url: "https://video.example/watch/tollgate"
        title: "Film: the bridge from the river, Friday morning"
      }
    }
  }
  corrections {
    correction_id: "c1"
    type: CORRECTION_TYPE_CORRECTION
    text { text: "An earlier version of this story said that the bridge opened in 1913. It opened in 1931." }
    create_time { seconds: 1795175400 }
  }
  corrections {
    correction_id: "c2"
    type: CORRECTION_TYPE_UPDATE
    text { text: "The Harbour Trust’s readings were added." }
    create_time { seconds: 1795175520 }
  }
)pb";

// The moments are not in their order, and two are of the same time.
const char kLiveArticle[] = R"pb(
  article_id: "bridge-night"
  revision: 7
  path: "/city/2026/11/bridge-night"
  pub_status: PUB_STATUS_USABLE
  first_published_at { seconds: 1795147200 }
  version_created_at { seconds: 1795175520 }
  content {
    headline: "Tollgate Bridge: the night and the morning, as it happens"
    standfirst: "A hanger has parted, the city’s main crossing is shut, and nobody can say for how long."
    kicker: "Live"
    located: "AVERLEY"
    language: "en-GB"
    section_id: "city"
    author_ids: "tobias-wren"
    subjects: "Tollgate Bridge"
    lead_image { image_id: "bridge-closed" }
    body {
      block_id: "p1"
      paragraph {
        text { text: "Tobias Wren is at the bridge. Times are those of the events, not of our reports." }
      }
    }
    body {
      block_id: "k1"
      key_event {
        event_time { seconds: 1795146000 }
        headline: "The break is found"
        key: true
      }
    }
    body {
      block_id: "p7"
      paragraph {
        text {
          text: "A walker from the maintenance gang telephones the control room at 3.40; by four the barriers are down."
        }
      }
    }
    body {
      block_id: "k2"
      key_event {
        event_time { seconds: 1795162200 }
        headline: "The council meets"
      }
    }
    body {
      block_id: "p8"
      paragraph {
        text {
          text: "An extraordinary sitting is called for half past eight, in the gallery, because the chamber is being painted."
        }
      }
    }
    body {
      block_id: "k3"
      key_event {
        event_time { seconds: 1795162200 }
        headline: "Trams end at the Ropewalk"
      }
    }
    body {
      block_id: "h1"
      heading {
        level: 2
        text { text: "What runs" }
      }
    }
    body {
      block_id: "l1"
      list {
        items { text { text: "Line 3, to the Ropewalk" } }
        items {
          text {
            text: "The ferry, see our story"
            spans { start: 15 end: 24 kind: SPAN_KIND_LINK article_id: "ferry-returns" }
          }
        }
      }
    }
    body {
      block_id: "k4"
      key_event {
        event_time { seconds: 1795154400 }
        headline: "“Nobody rang us”: a queue at the fish market <by six>"
        key: true
      }
    }
    body {
      block_id: "i1"
      image { image_id: "bridge-hanger" }
    }
  }
)pb";

const char kRightToLeftArticle[] = R"pb(
  article_id: "maktabat-al-mina"
  revision: 2
  path: "/culture/2026/11/maktabat-al-mina"
  pub_status: PUB_STATUS_USABLE
  first_published_at { seconds: 1795078800 }
  version_created_at { seconds: 1795078800 }
  content {
    headline: "مكتبة الميناء تفتح أبوابها من جديد بعد ثلاثين عاماً"
    standfirst: "أعاد متطوعون ترتيب ثمانية آلاف كتاب في مخزن القمح القديم، ومن بينها رسائل بحّارة لم تُقرأ منذ قرن."
    kicker: "مكتبات"
    located: "أفرلي"
    language: "ar"
    section_id: "culture"
    author_ids: "samir-haddad"
    subjects: "كتب"
    subjects: "الميناء"
    lead_image {
      image_id: "orchard-rows"
      caption: "رفوف المخزن القديم قبل الافتتاح بيوم واحد."
      alt_text: "صفوف طويلة من الأشجار"
    }
    body {
      block_id: "a1"
      paragraph {
        text {
          text: "في السادسة صباحاً، وقبل أن ترتفع الرافعات، فتحت أمينة المكتبة الباب الحديدي ودعت أول القرّاء إلى الدخول. كانوا أحد عشر قارئاً، وقطة واحدة."
        }
      }
    }
    body {
      block_id: "a2"
      heading {
        level: 2
        text { text: "ثمانية آلاف كتاب" }
      }
    }
    body {
      block_id: "a3"
      paragraph {
        text {
          text: "تقول أمينة المكتبة إن نصف الكتب بالعربية، وإن أكثرها استعارةً كتاب عن الرياح اسمه The Pilot’s Almanac طُبع سنة 1887."
        }
      }
    }
    body {
      block_id: "a4"
      quote {
        text { text: "الكتاب الذي لا يُفتح يصير حجراً، والمكتبة المغلقة تصير جداراً." }
        attribution: "ليلى منصور، أمينة المكتبة"
      }
    }
    body {
      block_id: "a5"
      list {
        items { text { text: "من السبت إلى الأربعاء: من السادسة حتى الظهر" } }
        items { text { text: "الخميس: حتى منتصف الليل" } }
      }
    }
  }
)pb";

}  // namespace broadsheet::gateway::testing
