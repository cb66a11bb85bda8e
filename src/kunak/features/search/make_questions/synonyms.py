"""Words that mean nearly the same and share no stem: what a person may well say instead."""

_GROUPS = """
автомобиль машина авто
врач доктор медик
больница госпиталь клиника
квартира жилье апартаменты
дом здание строение
магазин лавка
цена стоимость
деньги средства финансы
зарплата оклад заработок
работа занятость
компания фирма предприятие
сотрудник работник персонал
начальник руководитель шеф
правительство власти
полиция правоохранители
суд трибунал
солдат военный боец
ребенок дети малыш
человек люди
год лет
университет вуз институт
ученик школьник
студент учащийся
учитель педагог преподаватель
книга издание том
фильм кино картина
певец вокалист исполнитель
спектакль постановка
праздник торжество
победа выигрыш триумф
поражение проигрыш
команда сборная клуб
матч игра
соревнование турнир чемпионат
спортсмен атлет
болезнь заболевание недуг
лекарство препарат медикамент
эпидемия вспышка
дорога трасса шоссе
самолет лайнер борт
корабль судно
поезд состав электричка
авария дтп происшествие
пожар возгорание огонь
взрыв детонация
дождь осадки ливень
снег метель
река поток
лес чаща
село деревня
страна государство держава
граница рубеж
население жители
иностранец чужеземец
туристы путешественники
гостиница отель
самый наиболее
большой крупный огромный
маленький небольшой малый
быстро скоро стремительно
начать приступить стартовать
закончить завершить прекратить
сообщить рассказать заявить
купить приобрести
продать реализовать
построить возвести
открыть запустить
разрешить позволить
увеличить повысить поднять
уменьшить снизить сократить
умер скончался погиб
искать разыскивать
помощь поддержка содействие
ошибка промах
ученый исследователь
исследование изучение
открытие находка
оружие вооружение
ракета снаряд
беспилотник дрон
нефть сырье
сеть интернет
смартфон телефон
компьютер пк
приложение программа
пользователь юзер
курс котировка
кредит заем ссуда
налог сбор пошлина
выборы голосование
договор соглашение контракт
спор конфликт разногласие
причина повод
итог результат
начало старт
конец финал

car automobile vehicle
doctor physician medic
hospital clinic
house home dwelling
building structure edifice
shop store
price cost
money funds cash
salary wage pay
job work employment
company firm business
employee worker staff
boss manager chief
government authorities
law statute legislation
police officers
court tribunal
war conflict fighting
soldier troops
child kid children
people persons folk
school academy
university college
student pupil
teacher instructor
book volume publication
film movie picture
song tune track
win victory triumph
defeat loss
team squad side
match game
contest tournament championship
illness disease sickness
medicine drug medication
road highway route
plane aircraft
ship vessel boat
crash accident collision
fire blaze
rain precipitation
river stream
forest woods
town city
village settlement
country nation
border frontier
population inhabitants residents
largest biggest greatest
small little tiny
quick fast rapid
begin start commence
finish complete end
say tell
buy purchase acquire
sell trade
build construct erect
allow permit
ban prohibit forbid
increase raise grow
decrease reduce lower
died perished
help aid assistance
mistake error
scientist researcher
study research
weapon arms
oil petroleum crude
phone smartphone
computer machine
software program
agreement treaty contract
reason cause
result outcome
"""


def list_synonyms() -> dict[str, tuple[str, ...]]:
    """For each word what may be said instead: `врач` → `доктор`, `медик`."""
    said: dict[str, tuple[str, ...]] = {}
    for group in filter(None, map(str.split, _GROUPS.splitlines())):
        said |= {word: tuple(other for other in group if other != word) for word in group}
    return said
