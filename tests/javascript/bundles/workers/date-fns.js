import { addMonths, differenceInCalendarDays, eachWeekOfInterval, formatDistanceStrict, formatISO, parseISO } from 'date-fns';
import { format } from 'date-fns/format';
import { de } from 'date-fns/locale/de';

export default {
  fetch() {
    const day = parseISO('2024-01-31T10:20:30Z');
    return Response.json({
      format: format(day, "EEEE, do MMMM yyyy 'at' HH:mm"),
      german: format(day, 'EEEE, d. MMMM', { locale: de }),
      month: addMonths(day, 1).toISOString(),
      days: differenceInCalendarDays(parseISO('2024-12-24'), day),
      weeks: eachWeekOfInterval({ start: day, end: parseISO('2024-02-29') }).length,
      distance: formatDistanceStrict(day, parseISO('2024-02-02T10:20:30Z')),
      iso: formatISO(day, { representation: 'date' }),
    });
  },
};
