<?php
// Run by wordpress.py with php-cli inside of WordPress's folder.
//   wordpress.php install            makes the tables, an editor, the theme of the package
//   wordpress.php posts < stories    a JSON array of stories: slug, headline, standfirst, author, section, subjects,
//                                    blocks (HTML of a paragraph or heading each), picture (a file)
[, $what] = $argv;
if ($what === 'install') define('WP_INSTALLING', true);
define('WP_DISABLE_FATAL_ERROR_HANDLER', true);  // it would hide the fault in a page of HTML
$_SERVER += ['HTTP_HOST' => 'localhost', 'SERVER_PROTOCOL' => 'HTTP/1.1'];
require getcwd() . '/wp-load.php';

function fail_on_error($result) {
    if (is_wp_error($result)) throw new RuntimeException($result->get_error_message());
    return $result;
}

function install() {
    function wp_new_blog_notification() {}  // WordPress would send mail
    require ABSPATH . 'wp-admin/includes/upgrade.php';
    wp_install('The Example', 'editor', 'editor@example.org', true, '', wp_generate_password());
    update_option('permalink_structure', '/%postname%/');
    update_option('default_comment_status', 'closed');
}

// What the block editor writes.
function markup($blocks) {
    $text = '';
    foreach ($blocks as $html) {
        [$name, $html] = str_starts_with($html, '<h2') ?
            ['heading', preg_replace('/^<h2[^>]*>/', '<h2>', $html)] : ['paragraph', $html];
        $text .= "<!-- wp:$name -->\n$html\n<!-- /wp:$name -->\n\n";
    }
    return $text;
}

// In the library once, with the smaller sizes that WordPress makes of it.
function picture($file) {
    static $known = [];
    if (!isset($known[$file])) {
        require_once ABSPATH . 'wp-admin/includes/image.php';
        $upload = wp_upload_bits(basename($file), null, file_get_contents($file));
        if ($upload['error']) throw new RuntimeException($upload['error']);
        $id = fail_on_error(wp_insert_attachment(
            ['post_mime_type' => 'image/jpeg', 'post_title' => 'A picture', 'post_status' => 'inherit'],
            $upload['file'], 0, true));
        wp_update_attachment_metadata($id, wp_generate_attachment_metadata($id, $upload['file']));
        update_post_meta($id, '_wp_attachment_image_alt', 'What the picture shows');
        $known[$file] = $id;
    }
    return $known[$file];
}

function author($name) {
    $login = sanitize_user(sanitize_title($name));
    return username_exists($login) ?: fail_on_error(wp_insert_user(
        ['user_login' => $login, 'display_name' => $name, 'user_pass' => 'unused', 'role' => 'author']));
}

function category($name) {
    $term = term_exists($name, 'category') ?: fail_on_error(wp_insert_term($name, 'category'));
    return (int)$term['term_id'];
}

function posts($stories) {
    flush_rewrite_rules();
    wp_set_current_user(1);
    kses_remove_filters();  // an editor may write any HTML
    foreach ($stories as $story) {
        $id = fail_on_error(wp_insert_post(wp_slash([
            'post_status' => 'publish', 'post_name' => $story['slug'], 'post_title' => $story['headline'],
            'post_excerpt' => $story['standfirst'], 'post_content' => markup($story['blocks']),
            'post_author' => author($story['author']), 'post_category' => [category($story['section'])],
            'tags_input' => $story['subjects'], 'comment_status' => 'closed', 'ping_status' => 'closed']), true));
        set_post_thumbnail($id, picture($story['picture']));
    }
}

if ($what === 'install') install(); else posts(json_decode(stream_get_contents(STDIN), true, 32, JSON_THROW_ON_ERROR));
