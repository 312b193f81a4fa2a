package posthorn.standin;

/**
 * Makes equal strings the same object where that is cheap: entries of an index then take less memory, and are mostly compared
 * without looking at a character. Forgets a string when another one takes its place.
 */
final class SharedStrings {
    private static final int PLACES = 4096;
    private static final String[] RECENT = new String[PLACES];

    private SharedStrings() {}

    /** The value itself, or one that was seen before and equals it. Threads may lose each other's strings, which does no harm. */
    static Object share(Object value) {
        if (!(value instanceof String)) {
            return value;
        }
        int hash = value.hashCode();
        int place = (hash ^ hash >>> 12) & PLACES - 1;
        String seen = RECENT[place];
        if (value.equals(seen)) {
            return seen;
        }
        RECENT[place] = (String) value;
        return value;
    }
}
