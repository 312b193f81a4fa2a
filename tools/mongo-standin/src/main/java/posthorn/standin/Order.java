package posthorn.standin;

import de.bwaldvogel.mongo.bson.Document;
import java.util.Iterator;

/** What a query says about the order of its results, as far as an index can provide it. */
final class Order {
    private Order() {}

    /** Whether exactly this one field decides the order. */
    static boolean isBy(String field, Document orderBy) {
        return orderBy != null && orderBy.size() == 1 && orderBy.containsKey(field);
    }

    /** Whether this field decides the order, and {@code _id} among equals, both in one direction. */
    static boolean isByThenId(String field, Document orderBy) {
        if (orderBy == null || orderBy.size() != 2) {
            return false;
        }
        Iterator<String> names = orderBy.keySet().iterator();
        return names.next().equals(field)
            && names.next().equals("_id")
            && isDescending(orderBy.get(field)) == isDescending(orderBy.get("_id"));
    }

    /** Of an order by one field, or by two in one direction. */
    static boolean isDescending(Document orderBy) {
        return orderBy != null && !orderBy.isEmpty() && isDescending(orderBy.values().iterator().next());
    }

    private static boolean isDescending(Object direction) {
        return direction instanceof Number && ((Number) direction).intValue() < 0;
    }
}
